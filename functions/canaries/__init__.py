"""What a canary runs: one patient journey through one side's load balancer, as a made-up clinic with made-up patients.

Thin shell: `canary` (the handler) over `door` and `claim`. Pure core: `walk`. It needs the standard library and
botocore, which the runtime of CloudWatch Synthetics brings.
"""
