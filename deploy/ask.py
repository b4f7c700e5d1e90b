"""Prints the response of the service in this container; exit status 0 if it is a 200: python deploy/ask.py /readyz"""

import http.client
import sys

TIMEOUT_S = 8

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=TIMEOUT_S)
connection.request("GET", sys.argv[1])
response = connection.getresponse()
sys.stdout.write(response.read().decode())
sys.exit(response.status != http.client.OK)
