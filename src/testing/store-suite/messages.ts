import assert from 'node:assert/strict'
import { same } from './compare.ts'
import { invoices, messageRecord, orders, ordersGroup, putItem, putQueues, start } from './records.ts'
import type { Topic } from './topic.ts'

export const messages: Topic = {
  name: 'messages',
  checks: {
    'a message is found by its serial, at once and later': async ({ write, read }) => {
      const message = messageRecord({ serial: 5, contentType: 'text/plain', attributes: '{"a":1}', expiresAt: start })
      await write(putQueues, (transaction) => {
        assert.equal(transaction.message(5), undefined)
        transaction.insertMessage(message)
        same(transaction.message(5), message)
      })
      same(await read((transaction) => transaction.message(5)), message)
      assert.equal(await read((transaction) => transaction.message(6)), undefined)
    },

    'moveMessage changes the place and the expiry, and nothing else': async ({ write, read }) => {
      const message = messageRecord({ serial: 5, priority: 3, messageGroup: 'g', expiresAt: start })
      await write(putQueues, (transaction) => transaction.insertMessage(message))
      await write((transaction) => {
        transaction.moveMessage(5, invoices, 77, null)
        same(transaction.message(5), { ...message, queueId: invoices, position: 77, expiresAt: null })
      })
      await write((transaction) => transaction.moveMessage(5, invoices, 78, start + 5))
      same(await read((transaction) => transaction.message(5)), {
        ...message,
        queueId: invoices,
        position: 78,
        expiresAt: start + 5,
      })
    },

    'a message can be moved and removed in the transaction that inserted it': async ({ write, read }) => {
      await write(putQueues, (transaction) => {
        transaction.insertMessage(messageRecord({ serial: 1 }))
        transaction.insertMessage(messageRecord({ serial: 2 }))
        transaction.moveMessage(1, invoices, 9, null)
        transaction.removeMessage(2)
        assert.equal(transaction.message(2), undefined)
      })
      same(
        await read((transaction) => transaction.message(1)),
        messageRecord({ serial: 1, queueId: invoices, position: 9 }),
      )
      assert.equal(await read((transaction) => transaction.message(2)), undefined)
    },

    'items show the message as it is by now': async ({ write, read }) => {
      await write(putQueues, (transaction) => void putItem(transaction, { position: 4 }))
      await write((transaction) => {
        assert.equal(transaction.item(ordersGroup, 4)?.message.expiresAt, null)
        transaction.moveMessage(4, orders, 4, start)
        assert.equal(transaction.item(ordersGroup, 4)?.message.expiresAt, start)
        assert.equal(transaction.ready(ordersGroup, 1)[0]?.message.expiresAt, start)
      })
      const [item] = await read((transaction) => transaction.scan(ordersGroup, { limit: 1 }))
      assert.equal(item?.message.expiresAt, start)
    },

    'a removed message is gone': async ({ write, read }) => {
      await write(putQueues, (transaction) => transaction.insertMessage(messageRecord({ serial: 5 })))
      await write((transaction) => {
        assert.equal(transaction.message(5)?.serial, 5)
        transaction.removeMessage(5)
        assert.equal(transaction.message(5), undefined)
      })
      assert.equal(await read((transaction) => transaction.message(5)), undefined)
    },

    'a message that is removed and inserted anew in one transaction is the new one': async ({ write, read }) => {
      const changes = [
        { body: new TextEncoder().encode('another') },
        { extra: { clientId: 'me' } },
        { attributes: '{"a":1}' },
        { sentAt: start + 1 },
        { priority: 7 },
        { contentType: 'text/html' },
        { messageGroup: 'h' },
      ]
      await write(putQueues)
      for (const [i, change] of changes.entries()) {
        const message = messageRecord({ serial: i })
        await write((transaction) => transaction.insertMessage(message))
        await write((transaction) => {
          assert.equal(transaction.message(i)?.serial, i)
          transaction.removeMessage(i)
          transaction.insertMessage({ ...message, ...change })
        })
        same(await read((transaction) => transaction.message(i)), { ...message, ...change })
      }
    },

    'of a body that is part of a larger buffer only that part is kept': async ({ write, read }) => {
      const whole = new Uint8Array(1_000).map((_, i) => i % 251)
      const slices = [whole.subarray(10, 20), Buffer.from(whole.buffer, 500, 0), Buffer.from('pooled')]
      await write(putQueues, (transaction) =>
        slices.forEach((body, i) => {
          transaction.insertMessage(messageRecord({ serial: i + 1, body }))
        }),
      )
      for (const [i, body] of slices.entries()) {
        const found = await read((transaction) => transaction.message(i + 1))
        assert.ok(found?.body instanceof Uint8Array)
        assert.deepEqual([...found.body], [...body])
      }
    },
  },
}
