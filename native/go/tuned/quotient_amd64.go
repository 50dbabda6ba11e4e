//go:build !purego

package tuned

import (
	"math/big"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
)

// vectorTransform is a Fourier transform on blocks of eight lanes. Stages that pair elements eight or more apart pair whole blocks. For
// the last three, lanes and blocks are exchanged within every eight blocks, so that they pair blocks too.
type vectorTransform struct {
	n               int
	frequency, time [][]uint64     // factors by the binary logarithm of the distance, from 3 on
	near            [2][3][]uint64 // the same for distances 1, 2, 4: frequency, time
	factors         []uint64       // of the derivative, in the order that the elements have between the transforms
}

const nearest = 64 // the smallest size

func newTransform(n uint64) transform {
	if !useVectors || n < nearest {
		return newGenericTransform(n)
	}
	domain := fft.NewDomain(n)
	t := &vectorTransform{n: int(n)}
	logarithm := bits.TrailingZeros64(n)
	r := fr.Modulus()
	// Factors of products are times 2^260.
	radix := new(big.Int).Lsh(big.NewInt(1), 260)
	var montgomery fr.Element
	montgomery.SetBigInt(radix)
	for side, generator := range []fr.Element{domain.GeneratorInv, domain.Generator} {
		var stages [][]uint64
		for l := range logarithm {
			distance := 1 << l
			// root of order 2 distance
			root := generator
			for range logarithm - l - 1 {
				root.Square(&root)
			}
			power := fr.One()
			if l < 3 {
				blocks := make([]uint64, distance*blockWords)
				for j := range distance {
					var e fr.Element
					words := [4]uint64(e.Mul(&power, &montgomery).Bits())
					for lane := range lanes {
						setLane(blocks[j*blockWords:], lane, &words)
					}
					power.Mul(&power, &root)
				}
				t.near[side][l] = blocks
				continue
			}
			blocks := make([]uint64, distance/lanes*blockWords)
			for j := range distance {
				var e fr.Element
				words := [4]uint64(e.Mul(&power, &montgomery).Bits())
				setLane(blocks[j/lanes*blockWords:], j%lanes, &words)
				power.Mul(&power, &root)
			}
			stages = append(stages, blocks)
		}
		if side == 0 {
			t.frequency = stages
		} else {
			t.time = stages
		}
	}
	// Values are times 2^256, the transform back does not divide by N, the definition does, and what follows is one product with
	// values times 2^256 that should come out as an integer: i/N^2, times 2^8.
	scale := new(big.Int).SetUint64(n)
	scale.Mul(scale, scale)
	scale.ModInverse(scale, r)
	scale.Lsh(scale, 8)
	var factor, step fr.Element
	step.SetBigInt(scale)
	byIndex := make(fr.Vector, n)
	for i := range byIndex {
		byIndex[i] = factor
		factor.Add(&factor, &step)
	}
	t.factors = make([]uint64, int(n)/lanes*blockWords)
	for p := range int(n) {
		// After the exchange, position 64 q + 8 l + j is lane l of block 8 q + j.
		block, lane := p/64*8+p%8, p/8%8
		words := [4]uint64(byIndex[bits.Reverse64(uint64(p))>>(64-logarithm)].Bits())
		setLane(t.factors[block*blockWords:], lane, &words)
	}
	return t
}

// derive replaces values at the roots of unity by those of the derivative.
func (t *vectorTransform) derive(data []uint64) {
	t.toFrequency(data, bits.TrailingZeros(uint(t.n))-1)
	eights := t.n / 64
	transposeBlocks(&data[0], eights)
	c := scalarConstants
	const w = blockWords
	near := &t.near
	for q := range eights {
		d := data[q*8*w : (q+1)*8*w]
		butterfliesFrequency(&d[0], &d[4*w], &near[0][2][0], 4, c)
		butterfliesFrequency(&d[0], &d[2*w], &near[0][1][0], 2, c)
		butterfliesFrequency(&d[4*w], &d[6*w], &near[0][1][0], 2, c)
		for j := 0; j < 8; j += 2 {
			butterfliesFrequency(&d[j*w], &d[(j+1)*w], &near[0][0][0], 1, c)
		}
		multiplyBlocks(&d[0], &t.factors[q*8*w], 8, c)
		for j := 0; j < 8; j += 2 {
			butterfliesTime(&d[j*w], &d[(j+1)*w], &near[1][0][0], 1, c)
		}
		butterfliesTime(&d[0], &d[2*w], &near[1][1][0], 2, c)
		butterfliesTime(&d[4*w], &d[6*w], &near[1][1][0], 2, c)
		butterfliesTime(&d[0], &d[4*w], &near[1][2][0], 4, c)
	}
	transposeBlocks(&data[0], eights)
	t.toTime(data, bits.TrailingZeros(uint(t.n))-1)
}

// Depth first, so that what fits into a cache is finished there.
func (t *vectorTransform) toFrequency(data []uint64, l int) {
	if l < 3 {
		return
	}
	half := len(data) / 2
	butterfliesFrequency(&data[0], &data[half], &t.frequency[l-3][0], half/blockWords, scalarConstants)
	t.toFrequency(data[:half], l-1)
	t.toFrequency(data[half:], l-1)
}

func (t *vectorTransform) toTime(data []uint64, l int) {
	if l < 3 {
		return
	}
	half := len(data) / 2
	t.toTime(data[:half], l-1)
	t.toTime(data[half:], l-1)
	butterfliesTime(&data[0], &data[half], &t.time[l-3][0], half/blockWords, scalarConstants)
}

type vectorQuotient struct {
	*vectorTransform
	values, derived [2][]uint64
}

func (t *vectorTransform) quotient(rows int) quotient {
	q := &vectorQuotient{vectorTransform: t}
	for side := range 2 {
		q.values[side] = make([]uint64, (rows+lanes-1)/lanes*blockWords)
		q.derived[side] = make([]uint64, t.n/lanes*blockWords)
	}
	return q
}

func (q *vectorQuotient) derive(side int, values fr.Vector) {
	blocks, v := q.values[side], values
	if whole := len(v) / lanes; whole > 0 {
		unpackBlocks(&blocks[0], &v[0][0], whole, scalarConstants)
	}
	if rest := v[len(v)/lanes*lanes:]; len(rest) > 0 {
		var last [lanes]fr.Element
		copy(last[:], rest)
		unpackBlocks(&blocks[len(v)/lanes*blockWords], &last[0][0], 1, scalarConstants)
		clear(last[:])
	}
	d := q.derived[side]
	copy(d, blocks)
	clear(d[len(blocks):])
	q.vectorTransform.derive(d)
}

func (q *vectorQuotient) products(h [][4]uint64, from, to int) {
	if from >= to {
		return
	}
	last := (to + lanes - 1) / lanes
	var space [64][4]uint64
	for block := from / lanes; block < last; block += len(space) / lanes {
		count := min(len(space)/lanes, last-block)
		i := block * blockWords
		productSums(&space[0][0], &q.derived[0][i], &q.values[1][i], &q.values[0][i], &q.derived[1][i], count, scalarConstants)
		copy(h[block*lanes-from:to-from], space[:count*lanes])
	}
	clear(space[:])
}

func (q *vectorQuotient) wipe() {
	for side := range 2 {
		clear(q.values[side])
		clear(q.derived[side])
	}
}
