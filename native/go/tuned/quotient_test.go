package tuned

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func limbsToBig(limbs [4]uint64) *big.Int {
	x := new(big.Int)
	for i := 3; i >= 0; i-- {
		x.Lsh(x, 64).Add(x, new(big.Int).SetUint64(limbs[i]))
	}
	return x
}

func TestQuotientsOfVectorsAreThoseOfAnyProcessor(t *testing.T) {
	for _, n := range []uint64{2, 32, 64, 128, 1024} {
		for _, rows := range []int{1, int(n) - 1, int(n), int(n)/2 + 3} {
			if rows < 1 || rows > int(n) {
				continue
			}
			left, right := make(fr.Vector, rows), make(fr.Vector, rows)
			left.MustSetRandom()
			right.MustSetRandom()
			left[0].SetInt64(-1) // the largest representatives
			right[rows-1].SetInt64(-1)
			generic := newGenericTransform(n).quotient(rows)
			fast := newTransform(n).quotient(rows)
			want, got := make([][4]uint64, rows), make([][4]uint64, rows)
			for _, q := range []quotient{generic, fast} {
				q.derive(0, left)
				q.derive(1, right)
			}
			generic.products(want, 0, rows)
			half := rows / 2 &^ 7
			fast.products(got[:half], 0, half)
			fast.products(got[half:], half, rows)
			for j := range want {
				wantLimbs, wantSign := magnitudeOf(want[j])
				gotLimbs, gotSign := magnitudeOf(got[j])
				if wantLimbs != gotLimbs || wantSign != gotSign {
					t.Fatalf("size %d, %d rows: row %d differs", n, rows, j)
				}
			}
		}
	}
}

func TestDerivativeOfAMonomial(t *testing.T) {
	// a = X^3, b = 1: a b' + a' b = (3/N) X^3, at the roots of unity.
	const n = 64
	domain := newGenericTransform(n).domain
	left, right := make(fr.Vector, n), make(fr.Vector, n)
	for i := range left {
		left[i].Exp(domain.Generator, big.NewInt(int64(3*i)))
		right[i].SetOne()
	}
	q := newTransform(n).quotient(n)
	q.derive(0, left)
	q.derive(1, right)
	h := make([][4]uint64, n)
	q.products(h, 0, n)
	for i := range h {
		want := fr.NewElement(3)
		want.Mul(&want, &domain.CardinalityInv)
		want.Mul(&want, &left[i])
		wantLimbs, wantSign := magnitude(&want)
		limbs, sign := magnitudeOf(h[i])
		if limbs != wantLimbs || sign != wantSign {
			t.Fatalf("value %d differs", i)
		}
	}
}

func TestMagnitudeAtTheMiddle(t *testing.T) {
	half := *new(fr.Element).SetBigInt(limbsToBig(halfModulus))
	if limbs, negative := magnitude(&half); negative || limbs != halfModulus {
		t.Error("(r-1)/2 is its own magnitude")
	}
	var next fr.Element
	one := fr.One()
	next.Add(&half, &one)
	if limbs, negative := magnitude(&next); !negative || limbs != halfModulus {
		t.Error("(r+1)/2 stands for -(r-1)/2")
	}
	for _, k := range []int64{1, 2, 3} {
		words := [4]uint64{}
		for i, w := range new(big.Int).Mul(fr.Modulus(), big.NewInt(k)).Bits() {
			words[i] = uint64(w)
		}
		if limbs, negative := magnitudeOf(words); negative || limbs != [4]uint64{} {
			t.Errorf("%d r is not 0", k)
		}
	}
}
