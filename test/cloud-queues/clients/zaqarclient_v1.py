# python-zaqarclient, unmodified, speaking v1. Arguments: the address of a server that is open.
import sys

from zaqarclient.queues import client
from zaqarclient.transport import errors

url = sys.argv[1]


def connect(project, version=1):
    conf = {'auth_opts': {'backend': 'noauth', 'options': {'os_project_id': project}}}
    return client.Client(url, version=version, conf=conf)


producer, consumer = connect('p1'), connect('p1')
queue = producer.queue('demo-queue')
assert queue.exists()
assert not producer.queue('nothing', auto_create=False).exists()
assert queue.metadata() == {}
assert queue.metadata({'colour': 'red', 'n': 2**62}) == {'colour': 'red', 'n': 2**62}
assert queue.metadata(force_reload=True) == {'colour': 'red', 'n': 2**62}

assert list(queue.messages(echo=True)) == []
posted = queue.post([{'ttl': 60 + n, 'body': {'n': n, 'text': 'Grüße'}} for n in range(10)])
assert len(posted['resources']) == 10 and posted['partial'] is False
for n in range(10, 25):
    queue.post({'ttl': 300, 'body': {'n': n}})

assert list(queue.messages()) == []
seen = list(consumer.queue('demo-queue').messages(limit=4).stream())
assert [message.body['n'] for message in seen] == list(range(25)), seen
assert seen[0].body['text'] == 'Grüße' and seen[0].ttl == 60 and seen[0].claim_id is None
ids = [message._id for message in seen]
got = list(queue.messages(*ids[:3]))
assert [message.body['n'] for message in got] == [0, 1, 2]
assert queue.message(ids[4]).body['n'] == 4

stats = queue.stats['messages']
assert (stats['free'], stats['claimed'], stats['total']) == (25, 0, 25)
assert set(stats['oldest']) == {'age', 'created', 'href'}

claim = consumer.queue('demo-queue').claim(ttl=60, grace=60, limit=3)
claimed = list(claim)
assert [message.body['n'] for message in claimed] == [0, 1, 2]
assert all(message.claim_id == claim.id for message in claimed)
claimed[0].delete()
try:
    queue.message(ids[1]).delete()
    raise SystemExit('a claimed message was deleted without its claim')
except errors.ForbiddenError:
    pass
assert [message.body['n'] for message in consumer.queue('demo-queue').claim(id=claim.id)] == [1, 2]
claim.update(ttl=120, grace=60)
assert claim.ttl == 120
claim.delete()
queue.message(ids[1]).delete()
queue.delete_messages(*ids[2:20])
assert [message.body['n'] for message in queue.messages(echo=True)] == [20, 21, 22, 23, 24]

for name in ['a', 'b', 'c']:
    producer.queue(name)
assert [q.name for q in producer.queues(limit=2).stream()] == ['a', 'b', 'c', 'demo-queue']
assert [q.name for q in connect('p2').queues()] == []
queue.delete()
assert not queue.exists()
try:
    queue.post({'ttl': 59, 'body': 1})
    raise SystemExit('a ttl of 59 was taken')
except (errors.MalformedRequest, errors.ResourceNotFound):
    pass
