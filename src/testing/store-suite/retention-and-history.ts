import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { same, sameSet } from './compare.ts'
import { historyRecord, putQueues, start, stepsRecord } from './records.ts'
import type { Topic } from './topic.ts'

export const retentionAndHistory: Topic = {
  name: 'retention marks and history',
  checks: {
    'a queue has one retention mark, which can be replaced and removed': async ({ write, read }) => {
      const mark = { queueId: 1, checkAt: start, cursor: 5 }
      await write(putQueues, (transaction) => {
        assert.equal(transaction.retentionMark(1), undefined)
        transaction.putRetentionMark(mark)
        same(transaction.retentionMark(1), mark)
        transaction.putRetentionMark({ queueId: 2, checkAt: start + 1, cursor: 6 })
      })
      await write((transaction) => transaction.putRetentionMark({ ...mark, checkAt: start + 9, cursor: 2 ** 47 }))
      same(await read((transaction) => transaction.retentionMark(1)), {
        queueId: 1,
        checkAt: start + 9,
        cursor: 2 ** 47,
      })
      await write((transaction) => {
        transaction.removeRetentionMark(1)
        assert.equal(transaction.retentionMark(1), undefined)
      })
      assert.equal(await read((transaction) => transaction.retentionMark(1)), undefined)
      assert.equal((await read((transaction) => transaction.retentionMark(2)))?.cursor, 6)
    },

    'marks are due from their moment on': async ({ write, read }) => {
      const marks = [1, 2, 3, 4].map((queueId) => ({ queueId, checkAt: start + queueId, cursor: 0 }))
      await write((transaction) => {
        for (const mark of marks) transaction.putRetentionMark(mark)
      })
      await read((transaction) => {
        sameSet(transaction.dueRetentionMarks(start, 100), [])
        sameSet(transaction.dueRetentionMarks(start + 2, 100), marks.slice(0, 2))
        assert.equal(transaction.dueRetentionMarks(start + 9, 3).length, 3)
      })
      await write((transaction) => {
        transaction.putRetentionMark({ queueId: 1, checkAt: start + 50, cursor: 7 })
        transaction.removeRetentionMark(2)
        sameSet(transaction.dueRetentionMarks(start + 49, 100), marks.slice(2))
      })
    },

    'history is found by serial, and a later entry replaces an earlier one': async ({ write, read }) => {
      const first = historyRecord({ serial: 5 })
      const second = historyRecord({
        serial: 5,
        outcome: 'errored',
        queueId: 2,
        sentAt: start + 1,
        finishedAt: start + 9,
        firstReceivedAt: start + 3,
        receiveCount: 4,
        reprocessCount: 5,
        detail: { reason: 'why', delayMs: 6 },
      })
      await write((transaction) => {
        assert.equal(transaction.history(5), undefined)
        transaction.insertHistory(first)
        same(transaction.history(5), first)
        transaction.putHistory(second)
        same(transaction.history(5), second)
      })
      same(await read((transaction) => transaction.history(5)), second)
      assert.equal(await read((transaction) => transaction.history(6)), undefined)
    },

    'history is forgotten oldest first, by when the message was sent': async ({ write, read }) => {
      await write((transaction) => {
        for (const i of [4, 1, 3, 2, 5]) {
          transaction.putHistory(historyRecord({ serial: 10 - i, sentAt: start + i, finishedAt: start + 100 - i }))
        }
      })
      const left = (transaction: { history(serial: number): unknown }) =>
        [1, 2, 3, 4, 5].filter((i) => transaction.history(10 - i) !== undefined)
      assert.equal(await read((transaction) => transaction.removeHistory(start + 1, 100)), 0)
      await write((transaction) => {
        transaction.putHistory(historyRecord({ serial: 4, sentAt: start + 6 }))
        assert.equal(transaction.removeHistory(start + 4, 2), 2)
        assert.deepEqual(left(transaction), [3, 4, 5])
      })
      assert.deepEqual(await read(left), [3, 4, 5])
      assert.equal(await read((transaction) => transaction.removeHistory(start + 4, 2)), 1)
      assert.deepEqual(await read(left), [4, 5])
      assert.equal(await read((transaction) => transaction.removeHistory(start + 100, 100)), 3)
      assert.deepEqual(await read(left), [])
    },

    'steps are found by queue and serial; others replace them, until they are removed': async ({ write, read }) => {
      const first = stepsRecord({ serial: 5 })
      const second = stepsRecord({
        serial: 5,
        lines: [
          ...first.lines,
          {
            at: start + 1,
            from: 'Q',
            to: 'ended',
            cause: 'w',
            text: 't',
            group: 'g',
            detail: { attempt: 1, outcome: 'deleted' },
          },
        ],
        omitted: 3,
      })
      const elsewhere = stepsRecord({ queueId: 2, serial: 5 })
      await write((transaction) => {
        assert.equal(transaction.steps(1, 5), undefined)
        transaction.putSteps(first)
        transaction.putSteps(elsewhere)
        same(transaction.steps(1, 5), first)
      })
      same(await read((transaction) => transaction.steps(1, 5)), first)
      await write((transaction) => {
        transaction.putSteps(second)
        same(transaction.steps(1, 5), second)
      })
      same(await read((transaction) => transaction.steps(1, 5)), second)
      await write((transaction) => {
        transaction.removeSteps(1, 5)
        transaction.removeSteps(1, 6)
        assert.equal(transaction.steps(1, 5), undefined)
        same(transaction.steps(2, 5), elsewhere)
      })
      assert.equal(await read((transaction) => transaction.steps(1, 5)), undefined)
    },

    'the steps of a queue are found in slices': async ({ write, read }) => {
      await write((transaction) => {
        for (const serial of [1, 2, 3, 4, 5]) transaction.putSteps(stepsRecord({ serial }))
        transaction.putSteps(stepsRecord({ queueId: 2, serial: 1 }))
      })
      const serials = (after: number, limit: number) => (transaction: Transaction) =>
        transaction.serialsOfSteps(1, { after, limit })
      assert.deepEqual(await read(serials(0, 3)), [1, 2, 3])
      assert.deepEqual(await read(serials(3, 3)), [4, 5])
      await write((transaction) => {
        transaction.removeSteps(1, 2)
        transaction.removeSteps(1, 5)
        transaction.putSteps(stepsRecord({ serial: 6 }))
        transaction.putSteps(stepsRecord({ serial: 3, omitted: 1 }))
        assert.deepEqual(serials(0, 3)(transaction), [1, 3, 4])
        assert.deepEqual(serials(4, 3)(transaction), [6])
        assert.deepEqual(serials(6, 3)(transaction), [])
      })
      assert.deepEqual(await read(serials(0, 9)), [1, 3, 4, 6])
      assert.deepEqual(await read(serials(1, 1)), [3])
    },
  },
}
