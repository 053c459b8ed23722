import type { Commits, Task } from './commits.ts'
import { Refusal } from './errors.ts'
import type { EngineLimits } from './limits.ts'
import { settle } from './operations/settle.ts'
import { queueKey, waitKey } from './queue-keys.ts'
import type { Pop, QueueAddress, Receive, ReceivedMessage } from './requests.ts'
import type { Step } from './step.ts'
import type { Waiter, WaitingList } from './waiting.ts'

interface Options {
  readonly commits: Commits
  readonly waiting: WaitingList
  readonly limits: EngineLimits
}

/** Receives that look at once and, where nothing is there, wait in line for their queue and group and look again when something is. */
export class Receiving {
  readonly #options: Options
  #stopping = false
  /** How often something became ready, or a queue changed. */
  #changes = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** Something became ready, or a queue changed: whoever is looking at this moment may have missed it. */
  changed(): void {
    this.#changes++
  }

  /** Whoever waits is answered that there is nothing. */
  stop(): void {
    this.#stopping = true
    this.#options.waiting.giveUpAll()
  }

  /** `take`: what is handed out at this moment. */
  receive(
    request: Receive | Pop,
    take: (step: Step) => readonly ReceivedMessage[],
  ): Promise<readonly ReceivedMessage[]> {
    if (this.#stopping) return Promise.reject(new Refusal('ShuttingDown', {}))
    const { signal } = request
    return new Promise((resolve, reject) => {
      let waitMs = 0
      /** Before it first looked: a store may run it again without reading everything anew. */
      let changesSeen: number | undefined
      const finish = (messages: readonly ReceivedMessage[]) => {
        // Its client went away while the messages were being handed to it: they go back as if never received.
        if (signal?.aborted && messages.length > 0) this.#giveBack(request, messages)
        resolve(signal?.aborted ? [] : messages)
      }
      const task = (
        done: Task<readonly ReceivedMessage[]>['done'],
        began = () => {},
      ): Task<readonly ReceivedMessage[]> => ({
        phase: 'receive',
        weight: request.maxMessages ?? 1,
        prefetch: [{ read: 'queue', account: request.account, name: request.queue }],
        run: (step) => {
          began()
          if (signal?.aborted) return []
          changesSeen ??= this.#changes
          const messages = take(step)
          if (messages.length === 0) waitMs = request.waitMs ?? defaultWaitMs(step, request)
          return messages
        },
        done,
      })
      const attempt: Waiter['attempt'] = (done, began) =>
        this.#options.commits.submit(
          task((outcome) => {
            if ('error' in outcome) {
              reject(outcome.error)
              done('failed')
            } else if (outcome.value.length > 0) {
              finish(outcome.value)
              done('served')
            } else done(signal?.aborted ? 'failed' : 'nothing')
          }, began),
          { first: true },
        )
      this.#options.commits.submit(
        task((outcome) => {
          if ('error' in outcome) return reject(outcome.error)
          if (outcome.value.length > 0 || waitMs === 0 || signal?.aborted || this.#stopping)
            return finish(outcome.value)
          // A store that does several transactions at once may have done another one since this one looked.
          const lookAgain = this.#changes !== changesSeen
          try {
            this.#wait(request, waitMs, { attempt, giveUp: () => resolve([]), signal }, lookAgain)
          } catch (error) {
            reject(error)
          }
        }),
      )
    })
  }

  #wait(request: Receive | Pop, waitMs: number, waiter: Waiter, lookAgain: boolean): void {
    const { waiting, limits } = this.#options
    const { account, queue, group: name = 'default' } = request
    const deadLetters = 'deadLetters' in request && request.deadLetters === true
    const uncounted = 'uncounted' in request && request.uncounted === true
    waiting.add(
      queueKey(account, queue),
      waitKey(account, queue, { kind: deadLetters ? 'dead-letters' : 'consumer', name }),
      uncounted ? waitMs : Math.min(waitMs, limits.maxWaitMs),
      waiter,
      { lookAgain, uncounted },
    )
  }

  #giveBack(request: Receive | Pop, messages: readonly ReceivedMessage[]): void {
    const entries = messages.flatMap(({ receiptHandle }) =>
      receiptHandle === null ? [] : [{ receiptHandle, action: { do: 'release', failed: false } } as const],
    )
    if (entries.length === 0) return
    const { account, queue } = request
    this.#options.commits.submit({
      phase: 'settle',
      weight: entries.length,
      run: (step) => settle(step, { account, queue, entries }),
      // Should it fail, the leases end by themselves.
      done: () => {},
    })
  }
}

const defaultWaitMs = (step: Step, request: QueueAddress): number => step.queueOf(request)?.settings.receiveWaitMs ?? 0
