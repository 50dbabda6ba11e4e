package abi

import (
	"io"
	"sync"
	"sync/atomic"
)

// last is shared by all kinds of handles, so that one kind's number never means another kind's value.
var last atomic.Int64

// Handles gives out numbers that stand for values. The zero value is ready; safe for concurrent use.
type Handles[V any] struct{ entries sync.Map }

type entry[V any] struct {
	// inUse is held for reading while the value is used, and for writing to close.
	inUse  sync.RWMutex
	closed bool
	value  V
}

// Add issues a handle: never zero, never issued before.
func (h *Handles[V]) Add(value V) int64 {
	handle := last.Add(1)
	h.entries.Store(handle, &entry[V]{value: value})
	return handle
}

// Use calls f with the handle's value, which stays open meanwhile. ErrUnknownHandle if there is none.
func (h *Handles[V]) Use(handle int64, f func(V) error) error {
	found, ok := h.entries.Load(handle)
	if !ok {
		return ErrUnknownHandle
	}
	e := found.(*entry[V])
	e.inUse.RLock()
	defer e.inUse.RUnlock()
	if e.closed {
		return ErrUnknownHandle
	}
	return f(e.value)
}

// Close waits for uses in flight, refuses new ones, forgets the value, and closes it if it is an io.Closer.
func (h *Handles[V]) Close(handle int64) error {
	found, ok := h.entries.LoadAndDelete(handle)
	if !ok {
		return ErrUnknownHandle
	}
	e := found.(*entry[V])
	e.inUse.Lock()
	defer e.inUse.Unlock()
	e.closed = true
	value := e.value
	var none V
	e.value = none
	if closer, ok := any(value).(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
