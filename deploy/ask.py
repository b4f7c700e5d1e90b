"""Exit status 0 where the service in this container answers 200, and its answer: python deploy/ask.py /readyz"""

import http.client
import sys

TIMEOUT_S = 8

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=TIMEOUT_S)
connection.request("GET", sys.argv[1])
response = connection.getresponse()
sys.stdout.write(response.read().decode())
sys.exit(response.status != http.client.OK)
