import assert from 'node:assert/strict'
import type { Delivery, Item } from '../../core/delivery.ts'
import type { Transaction } from '../../core/store.ts'
import { positions, same } from './compare.ts'
import {
  deliveryAt,
  deliveryRecord,
  groupRecord,
  invoices,
  invoicesGroup,
  itemRecord,
  orders,
  ordersGroup,
  putItem,
  putQueues,
  start,
} from './records.ts'
import type { Topic } from './topic.ts'

const lease = (delivery: Delivery, changes: Partial<Delivery> = {}): Delivery => ({
  ...delivery,
  state: 'leased',
  visibleAt: start + 30_000,
  dueAt: start + 30_000,
  receiveCount: delivery.receiveCount + 1,
  firstReceivedAt: delivery.firstReceivedAt ?? start,
  nonce: delivery.nonce + 1,
  ...changes,
})

export const deliveries: Topic = {
  name: 'deliveries',
  checks: {
    'a delivery is found by its group and position, with its message': async ({ write, read }) => {
      const item = itemRecord({ position: 5, serial: 50, messageGroup: 'g' }, { priority: 2 })
      await write(putQueues, (transaction) => {
        transaction.insertMessage(item.message)
        transaction.insertDelivery(item.delivery)
        same(transaction.item(ordersGroup, 5), item)
      })
      await read((transaction) => {
        same(transaction.item(ordersGroup, 5), item)
        assert.equal(transaction.item(ordersGroup, 50), undefined)
        assert.equal(transaction.item(invoicesGroup, 5), undefined)
      })
    },

    'many of several groups change at once, each in its own way, and go at once': async ({ write, read }) => {
      const count = 80
      const all = Array.from({ length: 2 * count }, (_, i) =>
        itemRecord({
          groupId: i < count ? ordersGroup : invoicesGroup,
          position: 1000 - 3 * i,
          serial: 7 * i + 1,
          rank: i,
          nonce: i,
        }),
      )
      const changed = ({ delivery }: Item, how: (i: number) => Partial<Delivery>, i: number): Delivery =>
        lease(delivery, how(i))
      const ways: readonly ((i: number) => Partial<Delivery>)[] = [
        () => ({}),
        (i) => ({ nonce: 1_000_000 * i, visibleAt: start + i, dueAt: start + 2 * i }),
        (i) => ({ urgency: 40 - i, rank: i - 2 ** 52, nonce: 2 ** 53 - 1 - i, receiveCount: 2 ** 31 - 1 - i }),
        (i) => ({ firstReceivedAt: i % 3 ? start + i : null, dueAt: i % 2 ? start : null }),
        (i) => ({ claimId: i % 2 ? `claim ${i}` : null, detail: i % 5 ? { receiveLimit: i } : null }),
        (i) => ({ state: i % 2 ? 'ready' : 'finished', type: i % 2 ? 'Q' : 'P', receiveCount: i }),
      ]
      // Of two transactions, so that not all were last written by the same one.
      for (const items of [all.slice(0, 50), all.slice(50)]) {
        await write(...(items.length === 50 ? [putQueues] : []), (transaction) => {
          for (const { message, delivery } of items) {
            transaction.insertMessage({ ...message, queueId: delivery.groupId === ordersGroup ? orders : invoices })
            transaction.insertDelivery(delivery)
          }
        })
      }
      for (const way of ways) {
        await write((transaction) => {
          for (const [i, item] of all.entries()) {
            const before = deliveryAt(transaction, item.delivery.position, item.delivery.groupId)
            transaction.updateDelivery(before, changed(item, way, i))
          }
        })
        await read((transaction) => {
          for (const [i, item] of all.entries()) {
            const { groupId, position } = item.delivery
            same(transaction.item(groupId, position)?.delivery, changed(item, way, i))
          }
        })
      }
      // All but every tenth, and of these nothing has changed.
      await write((transaction) => {
        for (const [i, { delivery, message }] of all.entries()) {
          if (i % 10 === 0) continue
          transaction.removeDelivery(deliveryAt(transaction, delivery.position, delivery.groupId))
          transaction.removeMessage(message.serial)
        }
      })
      await read((transaction) => {
        for (const [i, { delivery, message }] of all.entries()) {
          same(transaction.item(delivery.groupId, delivery.position) !== undefined, i % 10 === 0)
          same(transaction.message(message.serial) !== undefined, i % 10 === 0)
        }
      })
    },

    'the first deliveries of a group come without their messages, and when those are gone or elsewhere too': async ({
      write,
      read,
    }) => {
      const shown = (transaction: Transaction, limit: number) =>
        transaction.firstDeliveries(ordersGroup, limit).map(({ position }) => position)
      await write(putQueues, (transaction) => {
        for (const position of [3, 1, 2]) putItem(transaction, { position, dueAt: start })
        putItem(transaction, { groupId: invoicesGroup, position: 4 })
        same(shown(transaction, 9), [1, 2, 3])
      })
      same(await read((transaction) => shown(transaction, 2)), [1, 2])
      const first = await read((transaction) => transaction.firstDeliveries(ordersGroup, 1))
      same(first, [deliveryRecord({ position: 1, dueAt: start })])
      await write((transaction) => {
        transaction.putGroup(groupRecord({ id: ordersGroup, queueId: orders, kind: 'discarded' }))
        transaction.removeMessage(1)
        transaction.moveMessage(2, invoices, 50, null)
        same(shown(transaction, 9), [1, 2, 3])
        transaction.removeDelivery(deliveryAt(transaction, 3))
        transaction.removeMessage(3)
      })
      same(await read((transaction) => shown(transaction, 9)), [1, 2])
      await write((transaction) => {
        const [gone, moved] = transaction.firstDeliveries(ordersGroup, 2)
        transaction.removeDelivery(gone ?? assert.fail('it is not there'))
        same(shown(transaction, 9), [2])
        transaction.removeDelivery(moved ?? assert.fail('it is not there'))
      })
      same(await read((transaction) => shown(transaction, 9)), [])
      assert.equal((await read((transaction) => transaction.message(2)))?.queueId, invoices)
    },

    'groups hold deliveries of one message, each of its own state': async ({ write, read }) => {
      const first = deliveryRecord({ groupId: 21, position: 5, state: 'ready' })
      const second = deliveryRecord({ groupId: 22, position: 5, state: 'finished', type: 'P' })
      await write(putQueues, (transaction) => {
        for (const id of [21, 22]) {
          transaction.putGroup(groupRecord({ id, queueId: orders, kind: 'consumer', name: `group ${id}` }))
        }
        transaction.insertMessage(itemRecord({ position: 5 }).message)
        transaction.insertDelivery(first)
        transaction.insertDelivery(second)
      })
      await write((transaction) => transaction.updateDelivery(deliveryAt(transaction, 5, 21), lease(first)))
      same((await read((transaction) => transaction.item(21, 5)))?.delivery, lease(first))
      same((await read((transaction) => transaction.item(22, 5)))?.delivery, second)
      await write((transaction) => transaction.removeDelivery(deliveryAt(transaction, 5, 22)))
      assert.equal(await read((transaction) => transaction.item(22, 5)), undefined)
      same((await read((transaction) => transaction.item(21, 5)))?.delivery, lease(first))
    },

    'an update replaces every field': async ({ write, read }) => {
      const before = deliveryRecord({ position: 5, messageGroup: 'g', urgency: 1, rank: 2 })
      const after: Delivery = {
        groupId: before.groupId,
        position: before.position,
        serial: before.serial,
        type: 'D',
        state: 'delayed',
        visibleAt: start + 1,
        dueAt: start + 2,
        urgency: -3,
        rank: 4,
        messageGroup: 'h',
        receiveCount: 5,
        firstReceivedAt: start + 6,
        reprocessCount: 7,
        nonce: 8,
        claimId: 'claim',
        modifiedAt: start + 9,
        detail: { reason: 'later', holder: 'me' },
      }
      await write(putQueues, (transaction) => void putItem(transaction, before))
      await write((transaction) => transaction.updateDelivery(deliveryAt(transaction, 5), after))
      same((await read((transaction) => transaction.item(ordersGroup, 5)))?.delivery, after)
      await write((transaction) => transaction.updateDelivery(deliveryAt(transaction, 5), before))
      same((await read((transaction) => transaction.item(ordersGroup, 5)))?.delivery, before)
    },

    'reads see an insert, an update and a removal in the same unit': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        const { delivery } = putItem(transaction, { position: 5 })
        assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [5])
        const leased = lease(delivery)
        transaction.updateDelivery(delivery, leased)
        same(transaction.item(ordersGroup, 5)?.delivery, leased)
        assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [])
        assert.deepEqual(positions(transaction.due(start + 30_000, 9)), [5])
        transaction.updateDelivery(leased, delivery)
        assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [5])
        assert.deepEqual(positions(transaction.due(start + 30_000, 9)), [])
        transaction.removeDelivery(delivery)
        assert.equal(transaction.item(ordersGroup, 5), undefined)
        assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [])
        assert.deepEqual(positions(transaction.scan(ordersGroup, { limit: 9 })), [])
      })
      assert.equal(await read((transaction) => transaction.item(ordersGroup, 5)), undefined)
    },

    'of several updates the last one counts, within a unit and over units': async ({ write, read }) => {
      const original = deliveryRecord({ position: 5 })
      const once = lease(original)
      const twice = lease(once, { claimId: 'c' })
      const finished: Delivery = { ...twice, state: 'finished', type: 'P', dueAt: null, visibleAt: 0, claimId: null }
      await write(putQueues, (transaction) => void putItem(transaction, original))
      await write(
        (transaction) => {
          transaction.updateDelivery(deliveryAt(transaction, 5), once)
          transaction.updateDelivery(once, twice)
        },
        (transaction) => {
          same(transaction.item(ordersGroup, 5)?.delivery, twice)
          transaction.updateDelivery(twice, finished)
          assert.deepEqual(transaction.claimed('c'), [])
        },
      )
      same((await read((transaction) => transaction.item(ordersGroup, 5)))?.delivery, finished)
    },

    'an update and then a removal leave nothing, over units too': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        putItem(transaction, { position: 5 })
        putItem(transaction, { position: 6 })
      })
      await write(
        (transaction) => {
          const delivery = deliveryAt(transaction, 5)
          transaction.updateDelivery(delivery, lease(delivery))
        },
        (transaction) => {
          const delivery = deliveryAt(transaction, 5)
          transaction.removeDelivery(delivery)
          transaction.removeMessage(delivery.serial)
        },
        (transaction) => assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [6]),
      )
      await read((transaction) => {
        assert.equal(transaction.item(ordersGroup, 5), undefined)
        assert.deepEqual(positions(transaction.ready(ordersGroup, 9)), [6])
        assert.deepEqual(transaction.due(start + 99_999, 9), [])
      })
    },

    'a place can be filled again once its delivery was removed': async ({ write, read }) => {
      const first = deliveryRecord({ position: 5, serial: 50, dueAt: start, claimId: 'c' })
      const second = deliveryRecord({ position: 5, serial: 51, state: 'finished', type: 'S' })
      await write(putQueues, (transaction) => void putItem(transaction, first))
      await write((transaction) => {
        transaction.removeDelivery(deliveryAt(transaction, 5))
        putItem(transaction, second)
        same(transaction.item(ordersGroup, 5)?.delivery, second)
      })
      await read((transaction) => {
        same(transaction.item(ordersGroup, 5)?.delivery, second)
        assert.deepEqual(transaction.ready(ordersGroup, 9), [])
        assert.deepEqual(transaction.due(start, 9), [])
        assert.deepEqual(transaction.claimed('c'), [])
      })
    },

    'what was read stays as it was read': async ({ write }) => {
      await write(putQueues, (transaction) => {
        const { delivery } = putItem(transaction, { position: 5 })
        const before = transaction.item(ordersGroup, 5)
        const list = transaction.ready(ordersGroup, 9)
        transaction.updateDelivery(delivery, lease(delivery))
        putItem(transaction, { position: 6 })
        same(before?.delivery, delivery)
        assert.deepEqual(positions(list), [5])
      })
    },
  },
}
