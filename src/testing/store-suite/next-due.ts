import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { deduplicationRecord, deliveryAt, deliveryRecord, ordersGroup, putItem, putQueues, start } from './records.ts'
import type { Subject, Topic } from './topic.ts'

/** Never too late: `nextDueAt` may say an earlier moment, but not a later one and not "never". */
const notAfter = ({ store }: Subject, at: number, what = '') => {
  const next = store.nextDueAt()
  assert.ok(next !== undefined && next <= at, `${what} falls due at ${at}, but nextDueAt says ${next}`)
}

const put = {
  delivery: (transaction: Transaction, at: number) => {
    putItem(transaction, { position: at, state: 'leased', dueAt: at })
  },
  'deduplication id': (transaction: Transaction, at: number) =>
    transaction.putDeduplication(deduplicationRecord({ key: `k${at}`, expiresAt: at })),
  'retention mark': (transaction: Transaction, at: number) =>
    transaction.putRetentionMark({ queueId: at, checkAt: at, cursor: 0 }),
  document: (transaction: Transaction, at: number) =>
    transaction.putDocument({ collection: 'c', key: `k${at}`, value: 1, expiresAt: at }),
}

/** As a timer does it: reads all that is due at `now` and removes it. */
const handleAll = (now: number) => (transaction: Transaction) => {
  for (const { delivery } of transaction.due(now, 1_000)) transaction.removeDelivery(delivery)
  for (const { groupId, key } of transaction.expiredDeduplications(now, 1_000)) {
    transaction.removeDeduplication(groupId, key)
  }
  for (const { queueId } of transaction.dueRetentionMarks(now, 1_000)) transaction.removeRetentionMark(queueId)
  for (const { collection, key } of transaction.expiredDocuments(now, 1_000)) {
    transaction.removeDocument(collection, key)
  }
}

export const nextDue: Topic = {
  name: 'nextDueAt',
  checks: {
    'is never later than any kind of thing that falls due, in any order of writing': async (subject) => {
      await subject.write(putQueues)
      const kinds = Object.entries(put)
      let at = start + 1_000_000
      for (let round = 0; round < 3; round++) {
        for (const [kind, write] of kinds) {
          at -= 1_000
          await subject.write(
            (transaction) => write(transaction, at + 500),
            (transaction) => write(transaction, at),
          )
          notAfter(subject, at, kind)
          await subject.write((transaction) => write(transaction, at + 700))
          notAfter(subject, at, kind)
        }
      }
      await subject.write((transaction) => void putItem(transaction, { position: 1, dueAt: 0 }))
      notAfter(subject, 0, 'a delivery of the beginning of time')
    },

    'moves on when what was due has been seen to, one kind after the other': async (subject) => {
      await subject.write(putQueues)
      const kinds = Object.entries(put)
      await subject.write((transaction) => {
        kinds.forEach(([, write], i) => {
          write(transaction, start + i * 1_000)
          write(transaction, start + (i + kinds.length) * 1_000)
        })
      })
      for (let i = 0; i < kinds.length * 2; i++) {
        const now = start + i * 1_000
        notAfter(subject, now, kinds[i % kinds.length]?.[0])
        await subject.write(handleAll(now))
        const next = subject.store.nextDueAt()
        assert.ok(next === undefined || next > now, `${next} is past, yet nothing is due any more at ${now}`)
      }
    },

    'sees a delivery, a mark, a document and an id move to an earlier time': async (subject) => {
      const delivery = deliveryRecord({ position: 1, dueAt: start + 9_000 })
      await subject.write(putQueues, (transaction) => void putItem(transaction, delivery))
      await subject.write((transaction) => {
        const before = deliveryAt(transaction, 1)
        transaction.updateDelivery(before, { ...before, dueAt: start + 8_000 })
      })
      notAfter(subject, start + 8_000, 'a delivery')
      await subject.write((transaction) => {
        put['retention mark'](transaction, start + 9_000)
        transaction.putRetentionMark({ queueId: start + 9_000, checkAt: start + 7_000, cursor: 0 })
      })
      notAfter(subject, start + 7_000, 'a retention mark')
      await subject.write((transaction) => put.document(transaction, start + 9_000))
      await subject.write((transaction) =>
        transaction.putDocument({ collection: 'c', key: `k${start + 9_000}`, value: 1, expiresAt: start + 6_000 }),
      )
      notAfter(subject, start + 6_000, 'a document')
      await subject.write((transaction) => {
        transaction.putDeduplication(deduplicationRecord({ key: 'k', expiresAt: start + 9_000 }))
        transaction.putDeduplication(deduplicationRecord({ key: 'k', expiresAt: start + 5_000 }))
      })
      notAfter(subject, start + 5_000, 'a deduplication id')
    },

    'stays true when the transaction that would have seen to it failed': async (subject) => {
      await subject.write(putQueues, (transaction) => {
        for (const write of Object.values(put)) write(transaction, start + 1_000)
      })
      const failure = new Error('on purpose')
      const failing = (transaction: Transaction) => {
        handleAll(start + 1_000)(transaction)
        throw failure
      }
      await assert.rejects(subject.store.transact([{ run: failing }]), failure)
      notAfter(subject, start + 1_000)
      await subject.write(handleAll(start + 1_000))
      assert.deepEqual(await subject.read((transaction) => transaction.due(start + 1_000, 9)), [])
    },

    'a delivery that is not due by itself does not count as due': async (subject) => {
      const delivery = deliveryRecord({ position: 1, dueAt: start })
      await subject.write(putQueues, (transaction) => void putItem(transaction, delivery))
      await subject.write((transaction) => {
        const found = transaction.due(start, 9)[0]?.delivery ?? assert.fail('nothing due')
        transaction.updateDelivery(found, { ...found, dueAt: null })
      })
      await subject.write(handleAll(start))
      const next = subject.store.nextDueAt()
      assert.ok(next === undefined || next > start)
      assert.equal((await subject.read((transaction) => transaction.ready(ordersGroup, 9))).length, 1)
    },
  },
}

export const nextDueOverReopen: Topic = {
  name: 'nextDueAt over a reopen',
  needsReopen: true,
  checks: {
    'is known again for every kind of thing': async (subject) => {
      await subject.write(putQueues)
      let at = start + 1_000_000
      for (const [kind, write] of Object.entries(put)) {
        at -= 1_000
        await subject.write((transaction) => write(transaction, at))
        await subject.reopen()
        notAfter(subject, at, kind)
      }
    },
  },
}
