# python-zaqarclient, unmodified, speaking v1.1 and v2. Arguments: the address of a server that is open.
import sys

from zaqarclient.queues import client
from zaqarclient.transport import errors

url = sys.argv[1]


def connect(project, version, **more):
    conf = {'auth_opts': {'backend': 'noauth', 'options': {'os_project_id': project}}, **more}
    return client.Client(url, version=version, conf=conf)


def ident(message):
    return getattr(message, '_id', None) or message.id


for version in (1.1, 2):
    project = 'p%s' % version
    producer, consumer = connect(project, version), connect(project, version)
    queue = producer.queue('work')
    queue.post([{'ttl': 100, 'body': n} for n in range(20)])
    queue.post({'body': 20})
    assert list(queue.messages()) == []
    seen = list(consumer.queue('work').messages(limit=7).stream())
    assert [message.body for message in seen] == list(range(21)), seen
    assert seen[20].ttl == 3600
    assert [m.body for m in queue.messages(ident(seen[3]), ident(seen[2]))] == [3, 2]
    assert queue.message(ident(seen[5])).body == 5

    claim = queue.claim(limit=2)
    assert claim.ttl == 300
    first, second = list(claim)
    assert (first.body, second.body) == (0, 1) and first.claim_id == claim.id
    first.delete()
    try:
        core = queue.message(ident(second))
        core.href = core.href.split('?')[0]
        core.delete()
        raise SystemExit('a claimed message was deleted without its claim')
    except errors.ForbiddenError:
        pass
    claim.update(ttl=60, grace=60)
    claim.delete()
    assert [message.body for message in queue.pop(3)] == [1, 2, 3]
    queue.delete_messages(*[ident(message) for message in seen[4:20]])
    assert [message.body for message in queue.messages(echo=True)] == [20]
    assert queue.stats['messages']['total'] == 1
    queue.delete()
    assert queue.stats['messages']['total'] == 0
    try:
        queue.message(ident(seen[5]))
        raise SystemExit('a deleted message was found')
    except errors.ResourceNotFound:
        pass

v2 = connect('p', 2)
assert v2.ping()
assert v2.health()['storage_reachable'] is True
assert 'rel/queue' in v2.homedoc()['resources']
queue = v2.queue('meta', force_create=True)
metadata = queue.metadata()
assert metadata['_default_message_ttl'] == 3600
changed = queue.metadata(new_meta={'_default_message_ttl': 700, 'colour': 'red'})
assert (changed['_default_message_ttl'], changed['colour']) == (700, 'red')
assert queue.metadata(force_reload=True) == changed
queue.post({'body': 'x'})
assert list(queue.messages(echo=True))[0].ttl == 700
v2.queue('other', force_create=True)
queues, count = v2.queues(with_count=True, detailed=True)
assert count == 2 and sorted(q.name for q in queues) == ['meta', 'other']
queue.purge()
assert queue.stats['messages']['total'] == 0

subscription = v2.subscription('meta', subscriber='http://127.0.0.1:9/hook', ttl=600, options={'post_headers': {'A': 'b'}})
assert (subscription.ttl, subscription.confirmed, subscription.options) == (600, True, {'post_headers': {'A': 'b'}})
subscription.update({'ttl': 700})
assert [(one.id, one.ttl, one.subscriber) for one in queue.subscriptions()] == [
    (subscription.id, 700, 'http://127.0.0.1:9/hook')]
subscription.delete()
assert list(queue.subscriptions()) == []

queue.post({'body': 'shared'})
signed = queue.signed_url(paths=['messages'], ttl_seconds=600, methods=['GET'])
options = {key: signed[key] for key in ('expires', 'methods', 'paths', 'signature')}
stranger = client.Client(url, version=2, conf={
    'auth_opts': {'backend': 'signed-url', 'options': {**options, 'os_project_id': signed['project']}}})
assert [m.body for m in stranger.queue('meta', auto_create=False).messages()] == ['shared']
for forbidden in (lambda: stranger.queue('meta', auto_create=False).post({'body': 1}),
                  lambda: list(stranger.queue('other', auto_create=False).messages())):
    try:
        forbidden()
        raise SystemExit('a signed URL let do what it does not say')
    except errors.ResourceNotFound:
        pass
