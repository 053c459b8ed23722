# python-zaqarclient, unmodified, logging in first. Arguments: the address of the server, user, password and project.
import sys

from zaqarclient.queues import client

url, user, password, project = sys.argv[1:5]


def connect(version, endpoint, auth_url, **domains):
    options = {'os_username': user, 'os_password': password, 'os_project_name': project,
               'os_project_id': project, 'os_auth_url': auth_url, **domains}
    return client.Client(endpoint, version=version, conf={'auth_opts': {'backend': 'keystone', 'options': options}})


domains = {'os_user_domain_name': 'Default', 'os_project_domain_name': 'Default'}
for version, endpoint, auth_url, more in (
        (1, url, url + '/v3', domains),
        (1.1, url, url + '/v3', domains),
        (2, None, url + '/v3', domains),
        (2, None, url + '/v2.0', {}),
        (2, None, url + '/identity', {})):
    queue = connect(version, endpoint, auth_url, **more).queue('kept', force_create=True)
    queue.post({'ttl': 60, 'body': auth_url})
    assert [message.body for message in queue.messages(echo=True)] == [auth_url]
    queue.delete()

for wrong in ({'os_password': 'x' + password}, {'os_username': 'nobody'}):
    try:
        connect(2, None, url + '/v3', **domains, **wrong).queue('kept', force_create=True)
        raise SystemExit('somebody got in with %s' % wrong)
    except Exception as error:
        assert '401' in str(error), error
