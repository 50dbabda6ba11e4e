//go:build !purego

package tuned

//go:generate go run ./internal/generate/command

import (
	"math/big"
	"unsafe"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/utils/cpu"
)

// useVectors is whether the processor has what vector_amd64.s needs. A variable for the tests.
var useVectors = cpu.SupportAVX512IFMA

const (
	lanes      = 8
	blockWords = 5 * lanes
	chains     = 2 // that vector_amd64.s works on at a time
	limbBits   = 52
)

// constants of a field for vector_amd64.s, which knows the offsets.
type constants struct {
	p, p2, p4, p9 [5]uint64
	inverse       uint64 // -1/p modulo 2^52
	mask          uint64
	top2, top4    uint64 // from the top limb after these on, 2p and 4p may be subtracted
	one           uint64
	strides       [8]uint64
}

func limbsOf(x *big.Int) (limbs [5]uint64) {
	mask := new(big.Int).SetUint64(1<<limbBits - 1)
	for i := range limbs {
		limbs[i] = new(big.Int).And(new(big.Int).Rsh(x, uint(limbBits*i)), mask).Uint64()
	}
	return limbs
}

func newConstants(modulus *big.Int) *constants {
	multiple := func(k int64) *big.Int { return new(big.Int).Mul(modulus, big.NewInt(k)) }
	c := &constants{p: limbsOf(modulus), p2: limbsOf(multiple(2)), p4: limbsOf(multiple(4)), p9: limbsOf(multiple(9)), mask: 1<<limbBits - 1, one: 1}
	radix := new(big.Int).Lsh(big.NewInt(1), limbBits)
	inverse := new(big.Int).ModInverse(modulus, radix)
	c.inverse = new(big.Int).Sub(radix, inverse).Uint64()
	c.top2, c.top4 = c.p2[4]+2, c.p4[4]+2
	for i := range c.strides {
		c.strides[i] = uint64(32 * i)
	}
	return c
}

var baseConstants, scalarConstants = newConstants(fp.Modulus()), newConstants(fr.Modulus())

//go:noescape
func pairsPrepare(source unsafe.Pointer, a, b *uint32, groups int, work, accumulated *uint64, c *constants)

//go:noescape
func pairsFinish(target unsafe.Pointer, out *uint32, groups int, work, accumulated *uint64, c *constants, source unsafe.Pointer, nextA, nextB *uint32)

//go:noescape
func butterfliesFrequency(u, v, factors *uint64, blocks int, c *constants)

//go:noescape
func butterfliesTime(u, v, factors *uint64, blocks int, c *constants)

//go:noescape
func multiplyBlocks(u, v *uint64, blocks int, c *constants)

//go:noescape
func transposeBlocks(data *uint64, eights int)

//go:noescape
func unpackBlocks(blocks, elements *uint64, count int, c *constants)

//go:noescape
func productSums(words, u, v, w, x *uint64, blocks int, c *constants)

// wordsOf joins five limbs of a lane, below 2^256, to four words.
func wordsOf(block []uint64, lane int) [4]uint64 {
	l := func(i int) uint64 { return block[lanes*i+lane] }
	return [4]uint64{l(0) | l(1)<<52, l(1)>>12 | l(2)<<40, l(2)>>24 | l(3)<<28, l(3)>>36 | l(4)<<16}
}

// setLane splits four words into the limbs of a lane.
func setLane(block []uint64, lane int, w *[4]uint64) {
	const mask = 1<<limbBits - 1
	block[lane] = w[0] & mask
	block[lanes+lane] = (w[0]>>52 | w[1]<<12) & mask
	block[2*lanes+lane] = (w[1]>>40 | w[2]<<24) & mask
	block[3*lanes+lane] = (w[2]>>28 | w[3]<<36) & mask
	block[4*lanes+lane] = w[3] >> 16
}

// pairKernel adds pairs of points of G1 with eight lanes, each lane with its own chain of inversions, and does it the
// generic way where the processor cannot.
//
// It works on gnark-crypto's representation, x 2^256, with products that divide by 2^260. Additions of points do not mind: with 1/4
// in the inverses, the slope comes out with a factor 1/4 and its square with the 1/16 that the coordinates have in that radix. Coordinates that
// it writes are below 2p + 2^210 and not reduced; it reads such ones.
type pairKernel struct {
	generic     *genericKernel
	work        []uint64
	accumulated [chains * blockWords]uint64
}

const workWords = 5 * blockWords

func newPairKernel() *pairKernel {
	if !useVectors {
		return &pairKernel{generic: newGenericKernel()}
	}
	return &pairKernel{work: make([]uint64, pairBatch/lanes*workWords)}
}

func (k *pairKernel) wipe() {
	if k.generic != nil {
		k.generic.wipe()
		return
	}
	clear(k.work)
	clear(k.accumulated[:])
}

func (k *pairKernel) add(target []bn254.G1Affine, out []uint32, source []bn254.G1Affine, a, b []entry, from, to int, last bool) bool {
	if k.generic != nil {
		return k.generic.add(target, out, source, a, b, from, to, last)
	}
	n := to - from
	if n < 1 || n > pairBatch || min(len(a), len(b), len(out)) < to+pairBatch {
		panic("no room for a batch")
	}
	// Whole groups, as many as there are chains: the last pair once more is harmless. A batch that is not the last is whole.
	padded := (n + chains*lanes - 1) &^ (chains*lanes - 1)
	if last {
		for i := to; i < from+padded; i++ {
			a[i], b[i], out[i] = a[to-1], b[to-1], out[to-1]
		}
	}
	groups := padded / lanes
	for lane := range lanes {
		for c := range chains {
			setLane(k.accumulated[c*blockWords:], lane, &montgomeryOne)
		}
	}
	pairsPrepare(unsafe.Pointer(&source[0]), &a[from], &b[from], groups, &k.work[0], &k.accumulated[0], baseConstants)
	if !invertLanes(k.accumulated[:]) {
		return false
	}
	pairsFinish(unsafe.Pointer(&target[0]), &out[from], groups, &k.work[0], &k.accumulated[0], baseConstants,
		unsafe.Pointer(&source[0]), &a[to], &b[to])
	return true
}

// montgomeryOne is 2^260 mod p.
var montgomeryOne = func() (words [4]uint64) {
	one := new(big.Int).Lsh(big.NewInt(1), 260)
	one.Mod(one, fp.Modulus())
	for i, w := range one.Bits() {
		words[i] = uint64(w)
	}
	return words
}()

// invertLanes replaces the values of all chains, d 2^260 by (1/4) (1/d) 2^260. It is false when one is zero.
func invertLanes(block []uint64) bool {
	var values, prefix [chains * lanes]fp.Element
	accumulated := fp.One()
	for lane := range values {
		values[lane] = fp.Element(wordsOf(block[lane/lanes*blockWords:], lane%lanes))
		canonical(&values[lane])
		prefix[lane] = accumulated
		accumulated.Mul(&accumulated, &values[lane])
	}
	if accumulated.IsZero() {
		return false
	}
	accumulated.Inverse(&accumulated)
	for lane := len(values) - 1; lane >= 0; lane-- {
		var inverse fp.Element
		inverse.Mul(&accumulated, &prefix[lane])
		accumulated.Mul(&accumulated, &values[lane])
		// As gnark-crypto reads it, the value is d 2^4, and its inverse (1/d) 2^-4 2^256 is short of (1/4) (1/d) 2^260 by 2^6.
		for range 6 {
			inverse.Double(&inverse)
		}
		words := [4]uint64(inverse)
		setLane(block[lane/lanes*blockWords:], lane%lanes, &words)
	}
	return true
}
