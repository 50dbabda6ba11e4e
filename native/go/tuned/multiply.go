package tuned

import (
	"math/big"
	"math/bits"
	"slices"
	"sync"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// endomorphism is (x, y) -> (root x, y), which multiplies by lambda.
type endomorphism struct {
	root    fp.Element
	lattice ecc.Lattice
}

// glv finds the endomorphism: lambda = 36 x^3 + 18 x^2 + 6 x + 1 with the curve's parameter x (Gallant, Lambert and Vanstone, CRYPTO 2001), and
// the cube root of unity that belongs to it.
var glv = sync.OnceValue(func() *endomorphism {
	e := new(endomorphism)
	lambda, _ := new(big.Int).SetString("4407920970296243842393367215006156084916469457145843978461", 10)
	ecc.PrecomputeLattice(fr.Modulus(), lambda, &e.lattice)
	exponent := new(big.Int).Sub(fp.Modulus(), big.NewInt(1))
	exponent.Div(exponent, big.NewInt(3))
	_, _, g, _ := bn254.Generators()
	var want, got bn254.G1Affine
	want.ScalarMultiplication(&g, lambda)
	for base := uint64(2); ; base++ {
		e.root.SetUint64(base)
		e.root.Exp(e.root, exponent)
		got = g
		got.X.Mul(&got.X, &e.root)
		if got.Equal(&want) {
			return e
		}
	}
})

// split is a scalar k = k1 + lambda k2 as signed 4-bit digits in [-8, 8], lowest first.
type split struct {
	digits [2][33]int8
	length int
}

func splitScalar(k *fr.Element) (s split) {
	parts := ecc.SplitScalar(k.BigInt(new(big.Int)), &glv().lattice)
	for i := range parts {
		sign := int8(1)
		if parts[i].Sign() < 0 {
			sign = -1
			parts[i].Neg(&parts[i])
		}
		carry := int8(0)
		for j := range s.digits[i] {
			var nibble int8
			for b := range 4 {
				nibble |= int8(parts[i].Bit(4*j+b)) << b
			}
			nibble += carry
			carry = 0
			if nibble > 8 {
				nibble -= 16
				carry = 1
			}
			s.digits[i][j] = sign * nibble
			if nibble != 0 {
				s.length = max(s.length, j+1)
			}
		}
	}
	return s
}

// splitSmall is splitScalar for |k| < 2^100, where the endomorphism gains nothing.
func splitSmall(k *fr.Element) (s split, ok bool) {
	limbs, negative := magnitude(k)
	if limbs[3]|limbs[2] != 0 || bits.Len64(limbs[1]) > 36 {
		return s, false
	}
	sign := int8(1)
	if negative {
		sign = -1
	}
	carry := int8(0)
	for j := range s.digits[0] {
		nibble := carry
		if j < 32 {
			nibble += int8(limbs[j/16] >> (4 * (j % 16)) & 15)
		}
		carry = 0
		if nibble > 8 {
			nibble -= 16
			carry = 1
		}
		s.digits[0][j] = sign * nibble
		if nibble != 0 {
			s.length = j + 1
		}
	}
	return s, true
}

// multiplyBatch multiplies each point by its scalar in place, all in lockstep with shared inversions.
func multiplyBatch(points []bn254.G1Affine, scalars []split, workers int) error {
	const size = 512
	// Scalars of similar length together.
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return scalars[a].length - scalars[b].length })
	return parallel(workers, (len(order)+size-1)/size, func(c int) {
		chunk := order[c*size : min((c+1)*size, len(order))]
		n := len(chunk)
		k := newGenericKernel()
		var multiples [9][]bn254.G1Affine // [1..8]
		for i := range multiples {
			multiples[i] = make([]bn254.G1Affine, n)
		}
		length := 0
		for i, o := range chunk {
			multiples[1][i] = points[o]
			length = max(length, scalars[o].length)
		}
		for i := 2; i <= 8; i++ {
			k.addSafely(multiples[i], multiples[i-1], multiples[1])
		}
		root := glv().root
		sum, next := make([]bn254.G1Affine, n), make([]bn254.G1Affine, n)
		for j := length - 1; j >= 0; j-- {
			if j != length-1 {
				for range 4 {
					k.addSafely(sum, sum, sum)
				}
			}
			for half := range 2 {
				any := false
				for i, o := range chunk {
					d := scalars[o].digits[half][j]
					switch {
					case d == 0:
						next[i] = bn254.G1Affine{}
						continue
					case d > 0:
						next[i] = multiples[d][i]
					default:
						next[i].Neg(&multiples[-d][i])
					}
					any = true
					if half == 1 {
						next[i].X.Mul(&next[i].X, &root)
					}
				}
				if any {
					k.addSafely(sum, sum, next)
				}
			}
		}
		for i, o := range chunk {
			points[o] = sum[i]
		}
	})
}

// inverseTransform replaces N points P_i by (1/N) sum_i w^(-ij) P_i, an inverse Fourier transform over the group: the coefficients
// of a linear form on polynomials become those on their values.
func inverseTransform(points []bn254.G1Affine, generatorInverse fr.Element, workers int) error {
	n := len(points)
	twiddles := make([]split, n/2)
	power := fr.One()
	scalars := make([]fr.Element, n/2)
	for i := range scalars {
		scalars[i] = power
		power.Mul(&power, &generatorInverse)
	}
	if err := parallel(workers, workers, func(t int) {
		for i := t * len(scalars) / workers; i < (t+1)*len(scalars)/workers; i++ {
			twiddles[i] = splitScalar(&scalars[i])
		}
	}); err != nil {
		return err
	}
	// Decimation in frequency: natural order in, bit-reversed order out.
	for size := n; size > 1; size /= 2 {
		half, stride := size/2, n/size
		count := n / 2
		top, bottom := make([]bn254.G1Affine, count), make([]bn254.G1Affine, count)
		factors := make([]split, count)
		for i := range count {
			block, offset := i/half, i%half
			top[i], bottom[i] = points[block*size+offset], points[block*size+offset+half]
			factors[i] = twiddles[offset*stride]
		}
		sum, difference := make([]bn254.G1Affine, count), negated(bottom)
		const part = 4096
		if err := parallel(workers, (count+part-1)/part, func(c int) {
			from, to := c*part, min((c+1)*part, count)
			k := newGenericKernel()
			k.addSafely(sum[from:to], top[from:to], bottom[from:to])
			k.addSafely(difference[from:to], top[from:to], difference[from:to])
		}); err != nil {
			return err
		}
		if half > 1 {
			if err := multiplyBatch(difference, factors, workers); err != nil {
				return err
			}
		}
		for i := range count {
			block, offset := i/half, i%half
			points[block*size+offset], points[block*size+offset+half] = sum[i], difference[i]
		}
	}
	shift := 64 - bits.TrailingZeros(uint(n))
	for i := range points {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			points[i], points[j] = points[j], points[i]
		}
	}
	var inverse fr.Element
	inverse.SetUint64(uint64(n))
	inverse.Inverse(&inverse)
	factor := splitScalar(&inverse)
	factors := make([]split, n)
	for i := range factors {
		factors[i] = factor
	}
	return multiplyBatch(points, factors, workers)
}
