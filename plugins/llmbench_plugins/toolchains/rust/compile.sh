#!/bin/sh
# Through this, cargo calls the compiler for what is not a dependency. Only tests, into which our runner is linked, may
# use what is unstable; set for all of cargo, the variable would have some dependencies compiled anew.
case " $* " in *" llmbench_runner="*) export RUSTC_BOOTSTRAP=1 ;; esac
exec "$@"
