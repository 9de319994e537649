"""The seal: bubblewrap, seccomp and limits around every process that runs code which the office did not write.

Read in this order: `box` (what a process inside can see), `code_box` (what a team's code can see), `seccomp` (what it
can ask of the kernel), `limits` and `watchdog` (how much it can use), `process` (starting and killing it), `seal`
(proof that all of this holds on this machine, and the only way to start a box), `provisioner` (the same for Jupyter
kernels).
"""
