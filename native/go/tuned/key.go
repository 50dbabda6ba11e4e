package tuned

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

// key is a proving key prepared for a program: four linear forms of the wires, of which A, B and B2 are those of Groth16 with
// alpha and beta added, and
//
//	Krs = K(wires) + sum over rows j of h_j Z_j + s A + r B - r s delta.
//
// The quotient h = (A B - C) / (X^N - 1) is taken at the N-th roots of unity w^j themselves, where numerator and denominator are zero and
// de l'Hopital's rule gives h(w^j) = (1/N) (a'_j b_j + a_j b'_j - c'_j), with ' for X d/dX. So
//
//   - Z_j is the proving key's Z in the basis of values at the roots, an inverse Fourier transform over the group;
//   - the term of c' is linear in the wires and is folded into K;
//   - a row whose left and right are empty has a_j = b_j = 0 and no term at all. Neither have the rows that pad to N.
type key struct {
	domain uint64
	a, b   form[bn254.G1Affine]
	b2     form[bn254.G2Affine]
	k      form[bn254.G1Affine]
}

// publicBits is above the bit length of the magnitude of a public coefficient or holding: they are 64-bit integers.
const publicBits = 64

// prepare makes a key's tables. It takes seconds: two Fourier transforms over the group.
func prepare(p *program, pk *groth16.ProvingKey, workers int) (*key, error) {
	n := pk.Domain.Cardinality
	if n < 2 || n&(n-1) != 0 || len(pk.G1.Z) != int(n)-1 || len(p.rows) > int(n) ||
		len(pk.InfinityA) != p.wires || len(pk.InfinityB) != p.wires || len(pk.G1.K) != p.wires-p.public ||
		len(pk.G1.B) != len(pk.G2.B) || len(pk.CommitmentKeys) != 0 {
		return nil, errors.New("the proving key is for another constraint system")
	}
	values, linear, err := quotientBasis(pk, workers)
	if err != nil {
		return nil, err
	}
	folded, err := foldOutputs(p, pk, linear, workers)
	if err != nil {
		return nil, err
	}
	a, err := expand(pk.G1.A, pk.InfinityA)
	if err != nil {
		return nil, err
	}
	b, err := expand(pk.G1.B, pk.InfinityB)
	if err != nil {
		return nil, err
	}
	b2, err := expand(pk.G2.B, pk.InfinityB)
	if err != nil {
		return nil, err
	}
	k := &key{domain: n}
	if err := buildForm(&k.a, g1, p, a, &pk.G1.Alpha, &pk.G1.Delta, nil, workers); err != nil {
		return nil, err
	}
	if err := buildForm(&k.b, g1, p, b, &pk.G1.Beta, &pk.G1.Delta, nil, workers); err != nil {
		return nil, err
	}
	if err := buildForm(&k.b2, g2, p, b2, &pk.G2.Beta, &pk.G2.Delta, nil, workers); err != nil {
		return nil, err
	}
	return k, buildForm(&k.k, g1, p, folded, nil, &pk.G1.Delta, values[:len(p.rows)], workers)
}

// expand puts points at infinity back where the proving key leaves them out.
func expand[P any](points []P, infinite []bool) ([]P, error) {
	result := make([]P, len(infinite))
	next := 0
	for i, missing := range infinite {
		if missing {
			continue
		}
		if next == len(points) {
			return nil, errors.New("the proving key has too few points")
		}
		result[i] = points[next]
		next++
	}
	if next != len(points) {
		return nil, errors.New("the proving key has too many points")
	}
	return result, nil
}

// quotientBasis is the linear form on quotients, by their values at the roots of unity, and the one on c that (1/N) c' stands for.
// The proving key's is by coefficients, in bit-reversed order; the last coefficient of a quotient is zero, and its point is missing.
func quotientBasis(pk *groth16.ProvingKey, workers int) (values, linear []bn254.G1Affine, err error) {
	n := int(pk.Domain.Cardinality)
	values, linear = make([]bn254.G1Affine, n), make([]bn254.G1Affine, n)
	factors := make([]split, n)
	shift := 64 - bits.TrailingZeros(uint(n))
	var inverse fr.Element
	inverse.SetUint64(uint64(n))
	inverse.Inverse(&inverse)
	for i := range n - 1 {
		values[i] = pk.G1.Z[bits.Reverse64(uint64(i))>>shift]
		linear[i] = values[i]
		small := fr.NewElement(uint64(i))
		factors[i], _ = splitSmall(&small)
	}
	if err := multiplyBatch(linear, factors, workers); err != nil {
		return nil, nil, err
	}
	// 1/N of the definition above; the transform itself divides by N once more.
	factor := splitScalar(&inverse)
	for i := range factors {
		factors[i] = factor
	}
	if err := multiplyBatch(linear, factors, workers); err != nil {
		return nil, nil, err
	}
	if err := inverseTransform(values, pk.Domain.GeneratorInv, workers); err != nil {
		return nil, nil, err
	}
	return values, linear, inverseTransform(linear, pk.Domain.GeneratorInv, workers)
}

// foldOutputs is K by wire, with the quotient's term of c subtracted. Public wires have that term alone: their K is
// the verifier's.
func foldOutputs(p *program, pk *groth16.ProvingKey, linear []bn254.G1Affine, workers int) ([]bn254.G1Affine, error) {
	var points []bn254.G1Affine
	var factors []split
	var wires []uint32
	cache := map[uint32]split{}
	for j := range p.rows {
		for _, t := range p.output(&p.rows[j]) {
			factor, ok := cache[t.coefficient]
			if !ok {
				var c fr.Element
				c.Neg(&p.coefficients[t.coefficient])
				if factor, ok = splitSmall(&c); !ok {
					factor = splitScalar(&c)
				}
				cache[t.coefficient] = factor
			}
			points, factors, wires = append(points, linear[j]), append(factors, factor), append(wires, t.wire)
		}
	}
	if err := multiplyBatch(points, factors, workers); err != nil {
		return nil, err
	}
	sums := make([]bn254.G1Jac, p.wires)
	for w := p.public; w < p.wires; w++ {
		sums[w].FromAffine(&pk.G1.K[w-p.public])
	}
	for i := range points {
		sums[wires[i]].AddMixed(&points[i])
	}
	return bn254.BatchJacobianToAffineG1(sums), nil
}

// buildForm sorts wires into parts and makes the tables.
func buildForm[P any](f *form[P], c *curve[P], p *program, points []P, constant, delta *P, rows []P, workers int) error {
	f.curve = c
	distinct := map[[2 * fp.Bytes]byte]bool{}
	for w := 1; w < p.wires; w++ {
		if partOf(p.class[w]) == partProof && p.bit[w] == 0 && !c.infinite(&points[w]) {
			distinct[c.key(&points[w])] = true
		}
	}
	scalars := len(distinct)
	for j := range rows {
		if !p.rows[j].linear() {
			scalars++
		}
	}
	f.window = min(max(chooseWindow(scalars), 6), 16)
	b := &formBuilder[P]{form: f}
	var bitWires, wideWires []uint32
	var bitPoints, widePoints []P
	for w := 1; w < p.wires; w++ {
		point := &points[w]
		if c.infinite(point) {
			continue
		}
		part := partOf(p.class[w])
		if p.bit[w] == 1 {
			if part == partProof {
				bitWires, bitPoints = append(bitWires, uint32(w)), append(bitPoints, *point)
			} else {
				f.wide[part] = append(f.wide[part], b.addWide(uint32(w), point, 1))
			}
			continue
		}
		if part == partProof {
			wideWires, widePoints = append(wideWires, uint32(w)), append(widePoints, *point)
			continue
		}
		valueBits := fr.Bits - 1
		if w < p.public && !p.full[w] {
			valueBits = publicBits
		}
		f.wide[part] = append(f.wide[part], b.addWide(uint32(w), point, valueBits))
	}
	b.addProof(wideWires, widePoints)
	for j := range rows {
		if p.rows[j].linear() || c.infinite(&rows[j]) {
			continue
		}
		f.rows = append(f.rows, b.addWide(uint32(j), &rows[j], fr.Bits-1))
	}
	if c.infinite(delta) {
		return errors.New("delta is the point at infinity")
	}
	f.delta = []wide{b.addWide(0, delta, fr.Bits-1)}
	b.addBits(bitWires, bitPoints)
	// The wire of the constant one.
	bases := []P{points[0]}
	entries := []entry{0}
	if constant != nil {
		bases, entries = append(bases, *constant), append(entries, 2)
	}
	f.constant = []P{c.slow(bases, entries)}
	if err := b.finish(workers); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return nil
}
