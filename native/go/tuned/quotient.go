package tuned

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
)

// quotient computes, for all rows j, h_j = a_j b'_j + a'_j b_j, where a and b are left and right of the rows, polynomials by their values
// at the roots of unity, and ' is (1/N) X d/dX. It is secret, for one proof at a time, and wiped after each.
type quotient interface {
	// derive prepares left (0) or right (1). The two may run at the same time.
	derive(side int, values fr.Vector)
	// products writes h_j for rows in [from, to), both multiples of 8 or the number of rows, as integers below 2^256, by little-endian
	// words.
	products(h [][4]uint64, from, to int)
	wipe()
}

// transform makes quotients of a size.
type transform interface{ quotient(rows int) quotient }

// genericTransform is for any processor, with gnark-crypto's transform.
type genericTransform struct {
	domain  *fft.Domain
	factors fr.Vector // i/N, in bit-reversed order
}

func newGenericTransform(n uint64) *genericTransform {
	t := &genericTransform{domain: fft.NewDomain(n), factors: make(fr.Vector, n)}
	shift := 64 - bits.TrailingZeros64(n)
	for i := range n {
		j := bits.Reverse64(i) >> shift
		t.factors[j].SetUint64(i)
		t.factors[j].Mul(&t.factors[j], &t.domain.CardinalityInv)
	}
	return t
}

type genericQuotient struct {
	*genericTransform
	values, derived [2]fr.Vector
}

func (t *genericTransform) quotient(rows int) quotient {
	q := &genericQuotient{genericTransform: t}
	for side := range 2 {
		q.values[side] = make(fr.Vector, rows)
		q.derived[side] = make(fr.Vector, t.domain.Cardinality)
	}
	return q
}

func (q *genericQuotient) derive(side int, values fr.Vector) {
	copy(q.values[side], values)
	d := q.derived[side]
	copy(d, values)
	clear(d[len(values):])
	q.domain.FFTInverse(d, fft.DIF, fft.WithNbTasks(1))
	d.Mul(d, q.factors)
	q.domain.FFT(d, fft.DIT, fft.WithNbTasks(1))
}

func (q *genericQuotient) products(h [][4]uint64, from, to int) {
	var sum, product fr.Element
	for j := from; j < to; j++ {
		sum.Mul(&q.derived[0][j], &q.values[1][j])
		product.Mul(&q.values[0][j], &q.derived[1][j])
		sum.Add(&sum, &product)
		h[j-from] = sum.Bits()
	}
}

func (q *genericQuotient) wipe() {
	for side := range 2 {
		clear(q.values[side])
		clear(q.derived[side])
	}
}

// magnitudeOf is magnitude for an integer below 2^256, by words.
func magnitudeOf(words [4]uint64) (limbs [4]uint64, negative bool) {
	for !below(&words, &scalarModulus) {
		words = minus(&words, &scalarModulus)
	}
	if below(&halfModulus, &words) {
		return minus(&scalarModulus, &words), true
	}
	return words, false
}

func below(a, b *[4]uint64) bool {
	for i := 3; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func minus(a, b *[4]uint64) (difference [4]uint64) {
	var borrow uint64
	for i := range a {
		difference[i], borrow = bits.Sub64(a[i], b[i], borrow)
	}
	return difference
}

var scalarModulus = func() (words [4]uint64) {
	for i, w := range fr.Modulus().Bits() {
		words[i] = uint64(w)
	}
	return words
}()
