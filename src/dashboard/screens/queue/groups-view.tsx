import { useQuery } from '@tanstack/react-query'
import type { QueueInfo } from '../../../client/index.ts'
import { useLiveQueue } from '../../data/live.tsx'
import { accountClient } from '../../data/server.ts'
import { count, dateTime } from '../../format.ts'

/** Who receives from the queue: workers by name, consumer groups, and what they have. */
export const GroupsView = ({ account, queue }: { account: string; queue: QueueInfo }) => {
  const live = useLiveQueue(account, queue.name)
  const { data: workers = [] } = useQuery({
    queryKey: ['workers', account, queue.name],
    queryFn: ({ signal }) => accountClient(account).queue(queue.name).operate.workers({ signal }),
    refetchInterval: 2000,
  })
  const { data = queue } = useQuery({
    queryKey: ['queue', account, queue.name, 'groups', live?.counts],
    queryFn: ({ signal }) => accountClient(account).queues.get(queue.name, { signal }),
    placeholderData: (before) => before,
  })
  return (
    <>
      <section className="panel" aria-labelledby="workers">
        <div className="title">
          <h2 id="workers">Workers</h2>
        </div>
        {workers.length === 0 ? (
          <p className="empty">No worker that says its name has received from this queue of late.</p>
        ) : (
          <Scroll label="Table of workers">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Group</th>
                <th scope="col">Since</th>
                <th scope="col">Last seen</th>
                <th scope="col">Waiting</th>
                <th scope="col">In work</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <tr key={`${worker.group} ${worker.name}`}>
                  <th scope="row">{worker.name}</th>
                  <td>{worker.group}</td>
                  <td>{dateTime(worker.since)}</td>
                  <td>{dateTime(worker.lastSeenAt)}</td>
                  <td>{count(worker.waiting)}</td>
                  <td>{count(worker.inWork)}</td>
                </tr>
              ))}
            </tbody>
          </Scroll>
        )}
      </section>
      {live !== undefined && live.push.length > 0 && (
        <section className="panel" aria-labelledby="push">
          <div className="title">
            <h2 id="push">Push targets</h2>
          </div>
          <Scroll label="Table of push targets">
            <thead>
              <tr>
                <th scope="col">Group</th>
                <th scope="col">Target</th>
                <th scope="col">Health</th>
                <th scope="col">Last error</th>
              </tr>
            </thead>
            <tbody>
              {live.push.map((target) => (
                <tr key={target.group}>
                  <th scope="row">{target.group}</th>
                  <td>{target.url}</td>
                  <td>
                    <span className={target.state === 'healthy' ? 'tag good' : 'tag bad'}>{target.state}</span>
                  </td>
                  <td>{target.detail}</td>
                </tr>
              ))}
            </tbody>
          </Scroll>
        </section>
      )}
      <section className="panel" aria-labelledby="groups">
        <div className="title">
          <h2 id="groups">Groups</h2>
        </div>
        <Scroll label="Table of groups">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Kind</th>
              <th scope="col">Ready</th>
              <th scope="col">Delayed</th>
              <th scope="col">In work</th>
              <th scope="col">Type D</th>
              <th scope="col">Errored</th>
              <th scope="col">Done</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {data.groups.map(({ id, name, kind, counts, createdAt }) => (
              <tr key={id}>
                <th scope="row">{name}</th>
                <td>{kind}</td>
                <td>{count(counts.ready + counts.behind)}</td>
                <td>{count(counts.delayed)}</td>
                <td>{count(counts.leased)}</td>
                <td>{count(counts.reprocessing)}</td>
                <td>{count(counts.errored)}</td>
                <td>{count(counts.done)}</td>
                <td>{dateTime(createdAt)}</td>
              </tr>
            ))}
          </tbody>
        </Scroll>
      </section>
    </>
  )
}

const Scroll = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div className="scroll" tabIndex={0} role="group" aria-label={label}>
    <table className="plain">{children}</table>
  </div>
)
