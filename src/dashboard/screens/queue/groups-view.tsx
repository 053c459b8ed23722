import { useQuery } from '@tanstack/react-query'
import type { QueueInfo } from '../../../client/index.ts'
import { useLiveQueue } from '../../data/live.tsx'
import { accountClient } from '../../data/server.ts'
import { count, dateTime } from '../../format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'

/** Who receives from the queue: workers by name, push targets, groups, and what they have. */
export const GroupsView = ({ account, queue }: { account: string; queue: QueueInfo }) => {
  const push = useLiveQueue(account, queue.name)?.push ?? []
  const { data: workers = [] } = useQuery({
    queryKey: ['workers', account, queue.name],
    queryFn: ({ signal }) => accountClient(account).queue(queue.name).operate.workers({ signal }),
    refetchInterval: 2000,
  })
  return (
    <>
      <Panel title="Workers">
        {workers.length === 0 ? (
          <p className="empty">No worker that says its name has received from this queue of late.</p>
        ) : (
          <Table label="Table of workers" headings={['Name', 'Group', 'Since', 'Last seen', 'Waiting', 'In work']}>
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
          </Table>
        )}
      </Panel>
      {push.length > 0 && (
        <Panel title="Push targets">
          <Table label="Table of push targets" headings={['Group', 'Target', 'Health', 'Last error']}>
            {push.map((target) => (
              <tr key={target.group}>
                <th scope="row">{target.group}</th>
                <td className="text">{target.url}</td>
                <td>
                  <span className={target.state === 'healthy' ? 'tag good' : 'tag bad'}>{target.state}</span>
                </td>
                <td className="text">{target.detail}</td>
              </tr>
            ))}
          </Table>
        </Panel>
      )}
      <Panel title="Groups">
        <Table
          label="Table of groups"
          headings={['Name', 'Kind', 'Ready', 'Not due yet', 'In work', 'Delayed', 'Errored', 'Done', 'Created']}
        >
          {queue.groups.map(({ id, name, kind, counts, createdAt }) => (
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
        </Table>
      </Panel>
    </>
  )
}
