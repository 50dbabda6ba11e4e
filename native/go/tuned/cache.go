package tuned

import (
	"math/big"
	"slices"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func bigOf(x *fr.Element) *big.Int { return x.BigInt(new(big.Int)) }

// parts are the values of the forms on the wires of a round or an account. Immutable.
type parts struct {
	a, b, k bn254.G1Affine
	b2      bn254.G2Affine
}

// partCache keeps parts of the last rounds or accounts. An entry is used only when every wire that it was computed from has the
// same value again, so a wrong one cannot be taken.
type partCache struct {
	capacity int
	mutex    sync.Mutex
	entries  []*cached // the last used first
}

type cached struct {
	values fr.Vector
	parts  *parts
}

// get is the parts of a round or account: those in the cache, or new ones.
func (c *partCache) get(p *Prover, part int, wires fr.Vector) (*parts, error) {
	list := p.program.byPart[part]
	c.mutex.Lock()
	for i, e := range c.entries {
		if e.matches(list, wires) {
			copy(c.entries[1:i+1], c.entries[:i])
			c.entries[0] = e
			c.mutex.Unlock()
			return e.parts, nil
		}
	}
	c.mutex.Unlock()

	made := new(parts)
	var err error
	if made.a, err = p.key.a.part(part, wires, 1); err != nil {
		return nil, err
	}
	if made.b, err = p.key.b.part(part, wires, 1); err != nil {
		return nil, err
	}
	if made.b2, err = p.key.b2.part(part, wires, 1); err != nil {
		return nil, err
	}
	if made.k, err = p.key.k.part(part, wires, 1); err != nil {
		return nil, err
	}
	values := make(fr.Vector, len(list))
	for i, w := range list {
		values[i] = wires[w]
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.entries) >= c.capacity {
		last := len(c.entries) - 1
		clear(c.entries[last].values)
		c.entries[last] = nil
		c.entries = c.entries[:last]
	}
	c.entries = slices.Insert(c.entries, 0, &cached{values, made})
	return made, nil
}

func (e *cached) matches(list []uint32, wires fr.Vector) bool {
	for i, w := range list {
		if e.values[i] != wires[w] {
			return false
		}
	}
	return true
}

// wipe forgets all entries.
func (c *partCache) wipe() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, e := range c.entries {
		clear(e.values)
	}
	c.entries = nil
}
