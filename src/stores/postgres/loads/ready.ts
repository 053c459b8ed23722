import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { messageGroupKey } from '../overlay/keys.ts'
import { hash64, messageColumnsCopied } from '../records.ts'
import { asColumns, loadItems, withMessages } from './items.ts'
import type { Loading } from './loading.ts'

/**
 * Those that another transaction is handing out are passed over; these are for this one alone. COPY takes no parameters, so they are settings of the
 * transaction: written into the statement they would make it another one each time for whoever collects statistics of statements.
 */
export const readyItems = (loading: Loading, queueId: number, groupId: number, limit: number): Statement[] => {
  const { schema, overlay, snapshot } = loading
  const parameters: Statement = {
    text: `SELECT set_config('millrace.ready_queue', $1::text, true), set_config('millrace.ready_group', $2::text, true),
      set_config('millrace.ready_limit', $3::text, true)`,
    values: [queueId, groupId, limit],
  }
  const copy: Statement = {
    text: `COPY (${withMessages(
      schema,
      `SELECT * FROM ${schema}.delivery WHERE queue_id = current_setting('millrace.ready_queue')::int8
        AND ready_group = current_setting('millrace.ready_group')::int4 ORDER BY urgency, rank
        LIMIT current_setting('millrace.ready_limit')::int8 ${snapshot ? '' : 'FOR UPDATE SKIP LOCKED'}`,
      messageColumnsCopied,
    )}) TO STDOUT (FORMAT binary)`,
    copied: (rows) => {
      const keys = loadItems(loading, rows)
      if (!snapshot) for (const key of keys) overlay.held.add(key)
      const order = (key: string) => overlay.deliveries.loaded.get(key)?.value as { urgency: number; rank: number }
      keys.sort((a, b) => order(a).urgency - order(b).urgency || order(a).rank - order(b).rank)
      overlay.readyRanges.set(groupId, { keys, complete: keys.length < limit, limit })
    },
  }
  return [parameters, copy]
}

export const itemsOfMessageGroups = (
  loading: Loading,
  wanted: readonly { groupId: number; messageGroup: string; limit: number }[],
): Statement => {
  const { schema, overlay } = loading
  const found = wanted.flatMap((group) => {
    const queueId = overlay.placeOf(group.groupId)
    return queueId === undefined ? [] : [{ ...group, queueId }]
  })
  const limit = Math.max(...found.map((group) => group.limit), 1)
  const { from, values } = givenRows(
    found,
    {
      q: ['int8', ({ queueId }) => queueId],
      g: ['int4', ({ groupId }) => groupId],
      h: ['int8', ({ messageGroup }) => hash64(messageGroup)],
      t: ['text', ({ messageGroup }) => messageGroup],
    },
    2,
  )
  return {
    text: withMessages(
      schema,
      `SELECT x.* FROM ${from}
        CROSS JOIN LATERAL (SELECT * FROM ${schema}.delivery
          WHERE queue_id = k.q AND group_id = k.g AND message_group_hash = k.h AND message_group = k.t
          ORDER BY position LIMIT $1::int8) x`,
    ),
    values: [limit, ...values],
    rows: (rows) => {
      const keys = new Map<string, string[]>()
      for (const { groupId, messageGroup } of wanted) keys.set(messageGroupKey(groupId, messageGroup), [])
      for (const key of loadItems(loading, rows.map(asColumns))) {
        const delivery = overlay.deliveries.loaded.get(key)?.value
        if (delivery) keys.get(messageGroupKey(delivery.groupId, delivery.messageGroup ?? ''))?.push(key)
      }
      const position = (key: string) => overlay.deliveries.loaded.get(key)?.value?.position ?? 0
      for (const [group, items] of keys) {
        items.sort((a, b) => position(a) - position(b))
        overlay.groupRanges.set(group, { keys: items, complete: items.length < limit, limit })
      }
    },
  }
}
