// Package reference is gnark doing what the Java verifier does, on one thread: the baseline of its benchmarks, and an
// independent implementation to compare it with. Nothing else uses it.
package reference

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

const (
	contextIndex = 1 + iota
	numeratorIndex
	denominatorIndex
	// FirstCoefficient is the index of the first coefficient's point K.
	FirstCoefficient
)

const (
	// ContextBytes is the length of a context, big-endian.
	ContextBytes = 16
	windowBits   = 4
	multiples    = 1<<windowBits - 1
)

// Method is a way to compute the product of pairings.
type Method int32

const (
	// Aggregated is gnark's Verify with the public inputs as a sum: one Miller loop of three pairs, and the value of
	// e(alpha, beta) from the key.
	Aggregated Method = iota
	// FixedLines has the lines of gamma and delta from the key: gnark-crypto's MillerLoopFixedQ for those two and its
	// MillerLoop for the third pair.
	FixedLines
	// FourPairs is gnark-crypto's PairingCheck of four pairs, as behind the precompiled contract.
	FourPairs
)

// Key is a verifying key with what can be computed from it beforehand. It is immutable and safe for concurrent use.
type Key struct {
	k                               []bn254.G1Affine
	alphaNeg                        bn254.G1Affine
	beta                            bn254.G2Affine
	gammaNeg, deltaNeg              bn254.G2Affine
	alphaBeta                       bn254.GT
	lines                           [][2][len(bn254.LoopCounter)]bn254.LineEvaluationAff
	context, numerator, denominator table
}

// Read takes a verifying.key file.
func Read(file []byte) (*Key, error) {
	vk, err := keys.ReadVerifyingKey(file)
	if err != nil {
		return nil, err
	}
	k := &Key{k: vk.G1.K, beta: vk.G2.Beta}
	k.alphaNeg.Neg(&vk.G1.Alpha)
	k.gammaNeg.Neg(&vk.G2.Gamma)
	k.deltaNeg.Neg(&vk.G2.Delta)
	if k.alphaBeta, err = bn254.Pair([]bn254.G1Affine{vk.G1.Alpha}, []bn254.G2Affine{vk.G2.Beta}); err != nil {
		return nil, err
	}
	k.lines = append(k.lines, bn254.PrecomputeLines(k.gammaNeg), bn254.PrecomputeLines(k.deltaNeg))
	k.context = newTable(&k.k[contextIndex], ContextBytes)
	k.numerator = newTable(&k.k[numeratorIndex], 4)
	k.denominator = newTable(&k.k[denominatorIndex], 4)
	return k, nil
}

// table has the multiples d * 16^w of a point, as the Java verifier has.
type table []bn254.G1Affine

func newTable(point *bn254.G1Affine, scalarBytes int) table {
	sums := make([]bn254.G1Jac, 0, scalarBytes*8/windowBits*multiples)
	var base bn254.G1Jac
	base.FromAffine(point)
	for range scalarBytes * 8 / windowBits {
		sum := base
		for range multiples {
			sums = append(sums, sum)
			sum.AddAssign(&base)
		}
		base = sum
	}
	return bn254.BatchJacobianToAffineG1(sums)
}

// addTo adds a multiple of the table's point, the scalar big-endian.
func (t table) addTo(sum *bn254.G1Jac, scalar []byte) {
	for i := range scalar {
		b := scalar[len(scalar)-1-i]
		if d := int(b & multiples); d != 0 {
			sum.AddMixed(&t[2*i*multiples+d-1])
		}
		if d := int(b >> windowBits); d != 0 {
			sum.AddMixed(&t[(2*i+1)*multiples+d-1])
		}
	}
}

// Statement is what a proof is checked against, with the points of the venue's state decoded.
type Statement struct {
	Round                  bn254.G1Affine
	Commitments            []bn254.G1Affine
	Context                [ContextBytes]byte
	Numerator, Denominator uint32
}

// NewStatement decodes compressed points. The error of a point that is none is *prover.InvalidInputError.
func NewStatement(round, commitments []byte, context [ContextBytes]byte, n, d uint32) (*Statement, error) {
	s := &Statement{Context: context, Numerator: n, Denominator: d}
	if err := decode(&s.Round, "round point", round); err != nil {
		return nil, err
	}
	if len(commitments)%prover.PointBytes != 0 {
		return nil, &prover.InvalidInputError{Reason: fmt.Sprintf("commitments: %d bytes are no number of points", len(commitments))}
	}
	s.Commitments = make([]bn254.G1Affine, len(commitments)/prover.PointBytes)
	for i := range s.Commitments {
		if err := decode(&s.Commitments[i], "commitment", commitments[i*prover.PointBytes:(i+1)*prover.PointBytes]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func decode(point *bn254.G1Affine, name string, data []byte) error {
	if n, err := point.SetBytes(data); err != nil || n != len(data) {
		return &prover.InvalidInputError{Reason: name + ": no compressed point"}
	}
	return nil
}

// Verify checks a proof of prover.ProofBytes: every point on its curve, B in its subgroup, and the equation.
func (k *Key) Verify(method Method, s *Statement, proof []byte) bool {
	var a, krs bn254.G1Affine
	var b bn254.G2Affine
	if len(proof) != prover.ProofBytes {
		return false
	}
	const second, third = prover.PointBytes, prover.PointBytes + bn254.SizeOfG2AffineCompressed
	if n, err := a.SetBytes(proof[:second]); err != nil || n != prover.PointBytes {
		return false
	}
	// This checks the subgroup.
	if n, err := b.SetBytes(proof[second:third]); err != nil || n != bn254.SizeOfG2AffineCompressed {
		return false
	}
	if n, err := krs.SetBytes(proof[third:]); err != nil || n != prover.PointBytes {
		return false
	}
	var sum bn254.G1Jac
	sum.FromAffine(&s.Round)
	k.context.addTo(&sum, s.Context[:])
	var word [4]byte
	binary.BigEndian.PutUint32(word[:], s.Numerator)
	k.numerator.addTo(&sum, word[:])
	binary.BigEndian.PutUint32(word[:], s.Denominator)
	k.denominator.addTo(&sum, word[:])
	for i := range s.Commitments {
		sum.AddMixed(&s.Commitments[i])
	}
	var kSum bn254.G1Affine
	kSum.FromJacobian(&sum)
	switch method {
	case Aggregated:
		f, err := bn254.MillerLoop([]bn254.G1Affine{a, kSum, krs}, []bn254.G2Affine{b, k.gammaNeg, k.deltaNeg})
		if err != nil {
			return false
		}
		product := bn254.FinalExponentiation(&f)
		return product.Equal(&k.alphaBeta)
	case FixedLines:
		f, err := bn254.MillerLoop([]bn254.G1Affine{a}, []bn254.G2Affine{b})
		if err != nil {
			return false
		}
		// MillerLoopFixedQ multiplies into the lines that it is given.
		lines := append([][2][len(bn254.LoopCounter)]bn254.LineEvaluationAff(nil), k.lines...)
		fixed, err := bn254.MillerLoopFixedQ([]bn254.G1Affine{kSum, krs}, lines)
		if err != nil {
			return false
		}
		product := bn254.FinalExponentiation(&f, &fixed)
		return product.Equal(&k.alphaBeta)
	case FourPairs:
		ok, err := bn254.PairingCheck([]bn254.G1Affine{a, kSum, krs, k.alphaNeg},
			[]bn254.G2Affine{b, k.gammaNeg, k.deltaNeg, k.beta})
		return err == nil && ok
	default:
		return false
	}
}

// Terms are points with their scalars.
type Terms struct {
	points  []bn254.G1Affine
	scalars []fr.Element
}

// Terms are K[first] and the first scalar and so on, and, unless it is empty, the last point and the blinding. A negative
// scalar stands as its magnitude beside the negated point, so that none but the blinding is wider than 64 bits.
func (k *Key) Terms(first int64, scalars []int64, blinding []byte) (*Terms, error) {
	if first < 0 || first > int64(len(k.k)) || int64(len(scalars)) > int64(len(k.k))-first {
		return nil, &prover.InvalidInputError{Reason: fmt.Sprintf(
			"first: %d and %d scalars are outside the %d points", first, len(scalars), len(k.k))}
	}
	t := &Terms{make([]bn254.G1Affine, 0, len(scalars)+1), make([]fr.Element, 0, len(scalars)+1)}
	for i, scalar := range scalars {
		magnitude, point := uint64(scalar), k.k[first+int64(i)]
		if scalar < 0 {
			magnitude = -magnitude
			point.Neg(&point)
		}
		var element fr.Element
		element.SetUint64(magnitude)
		t.points, t.scalars = append(t.points, point), append(t.scalars, element)
	}
	if len(blinding) > 0 {
		var v fr.Element
		if err := v.SetBytesCanonical(blinding); err != nil {
			return nil, &prover.InvalidInputError{Reason: "blinding: not 32 bytes below r"}
		}
		t.points, t.scalars = append(t.points, k.k[len(k.k)-1]), append(t.scalars, v)
	}
	return t, nil
}

// Sum adds up all multiples by gnark-crypto's multi-scalar multiplication on one thread.
func (t *Terms) Sum() (sum bn254.G1Affine, err error) {
	if _, err = sum.MultiExp(t.points, t.scalars, ecc.MultiExpConfig{NbTasks: 1}); err != nil {
		return sum, fmt.Errorf("gnark failed with a %T", err)
	}
	return sum, nil
}

// Repeat calls f once for each entry and writes how long the call took, in nanoseconds. Go has one processor meanwhile:
// gnark-crypto's multi-scalar multiplication takes two for a large sum even when it is asked for one task.
func Repeat(durations []int64, f func() error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i := range durations {
		start := time.Now()
		if err := f(); err != nil {
			return err
		}
		durations[i] = int64(time.Since(start))
	}
	return nil
}
