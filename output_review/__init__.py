"""The control zone: review of requests, sign-off, the log, and the release of packages.

Nothing is exported here. `signing` holds keys, envelopes and the two documents that people sign; `store` the content
store; `log` the hash-chained log; `release` the certificate and the package; `verify` the offline verifier, which
shares no code with the rest.
"""
