package tuned

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// parallel calls work(0) to work(count-1) on up to workers goroutines, the caller's among them. A panic of work becomes an
// error: one in a goroutine would end the process otherwise, and the JVM with it. Its text is left out, as it may hold secrets.
func parallel(workers, count int, work func(int)) error {
	var next atomic.Int64
	var failure atomic.Pointer[error]
	run := func() {
		defer func() {
			if cause := recover(); cause != nil {
				err := fmt.Errorf("panic of type %T in the prover", cause)
				failure.CompareAndSwap(nil, &err)
			}
		}()
		for failure.Load() == nil {
			i := int(next.Add(1)) - 1
			if i >= count {
				return
			}
			work(i)
		}
	}
	var wait sync.WaitGroup
	for range min(workers, count) - 1 {
		wait.Go(run)
	}
	run()
	wait.Wait()
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}
