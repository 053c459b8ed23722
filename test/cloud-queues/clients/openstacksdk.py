# openstacksdk, unmodified, logging in first. Arguments: the address of the server, user, password and project.
import sys

import openstack
from openstack.message.v2.claim import Claim

url, user, password, project = sys.argv[1:5]
connection = openstack.connect(
    auth_url=url + '/v3', username=user, password=password, project_name=project,
    user_domain_name='Default', project_domain_name='Default')
assert connection.current_project_id == project, connection.current_project_id
message = connection.message
assert message.get_endpoint().rstrip('/').startswith(url), message.get_endpoint()

message.create_queue(name='sdk')
assert [queue.name for queue in message.queues()] == ['sdk']
assert message.get_queue('sdk').default_message_ttl == 3600
posted = message.post_message('sdk', [{'body': {'n': n}, 'ttl': 120} for n in range(15)])
assert len(posted) == 15
assert [one.body['n'] for one in message.messages('sdk', limit=4, echo=True)] == list(range(15))
first = next(message.messages('sdk', echo=True))
assert message.get_message('sdk', first.id).body == {'n': 0}
# create_claim and get_claim of the proxy fail at any server in this release, which mistakes the place of the cloud for that of the claim.
claim = Claim(queue_name='sdk', ttl=120, grace=60).create(message)
claimed = Claim(queue_name='sdk', id=claim.id).fetch(message)
assert claimed.ttl == 120 and len(claimed.messages) == 10
message.update_claim('sdk', claim.id, ttl=240)
assert Claim(queue_name='sdk', id=claim.id).fetch(message).ttl == 240
message.delete_message('sdk', claimed.messages[0]['id'], claim=claim.id)
try:
    message.delete_message('sdk', claimed.messages[1]['id'])
    raise SystemExit('a claimed message was deleted without its claim')
except openstack.exceptions.HttpException as error:
    assert error.status_code == 403, error
message.delete_claim('sdk', claim.id)
assert len(list(message.messages('sdk', echo=True))) == 14
message.delete_queue('sdk')
assert [queue.name for queue in message.queues()] == []
