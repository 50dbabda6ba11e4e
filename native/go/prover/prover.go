// Package prover makes and checks proofs with loaded keys.
package prover

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	cs "github.com/consensys/gnark/constraint/bn254"

	"plimsoll.io/circuits"
	"plimsoll.io/native/keys"
)

const (
	// ElementBytes is the length of a field element: big-endian, below r.
	ElementBytes = fr.Bytes
	// ProofBytes is the length of a proof: A, B, Krs compressed.
	ProofBytes = 2*PointBytes + bn254.SizeOfG2AffineCompressed
	// PointBytes is the length of a compressed point of G1.
	PointBytes = bn254.SizeOfG1AffineCompressed
)

// InvalidInputError is an input that the caller got wrong. Its text names the input and its limit, and never
// the value of a holding or of the blinding.
type InvalidInputError struct{ Reason string }

func (e *InvalidInputError) Error() string { return e.Reason }

// ErrNotSolvent means that every input is within its bounds and an assertion of the model does not hold.
var ErrNotSolvent = errors.New("an assertion of the model does not hold for these holdings, coefficients and threshold")

// Input is what one proof is about. The prover keeps none of it.
type Input struct {
	// Context is the first 16 bytes of the context digest.
	Context [16]byte
	// Numerator and Denominator are the threshold: 0 <= N < 2^32 and 1 <= D < 2^32.
	Numerator, Denominator uint64
	// Coefficients are the round's, in the model's order and units, each within its declared interval.
	Coefficients []int64
	// Holdings are summed over the attesters, in the model's order and units.
	Holdings []int64
	// Choices are the owner's, in the model's order and units; none for most models. Any that fulfil the model's constraints will do.
	Choices []int64
	// Blinding is the sum of the attesters' blindings modulo r, big-endian.
	Blinding [ElementBytes]byte
}

// Prover makes proofs for one circuit. It is safe for concurrent use, but for Close, during and after which there are no proofs.
type Prover interface {
	// Prove makes a proof, with fresh randomness each time. It returns *InvalidInputError, ErrNotSolvent, or an error that is a defect
	// of this library.
	Prove(in *Input) ([ProofBytes]byte, error)
	// Close gives the memory back.
	Close() error
}

// Kind is which prover.
type Kind int32

// The provers.
const (
	KindStock Kind = iota
	KindTuned
)

// Open opens a key directory: its errors are those of keys.Load, or *InvalidInputError if there is no such prover.
func Open(kind Kind, directory string, expected [32]byte, allowDevelopment bool) (Prover, error) {
	switch kind {
	case KindStock:
		loaded, err := keys.Load(directory, expected, allowDevelopment)
		if err != nil {
			return nil, err
		}
		return NewStock(loaded), nil
	case KindTuned:
		return OpenTuned(directory, expected, allowDevelopment)
	default:
		return nil, &InvalidInputError{fmt.Sprintf("prover: %d is none", kind)}
	}
}

// Stock proves with gnark's own prover. It is safe for concurrent use.
type Stock struct{ keys *keys.Keys }

// NewStock makes a prover from loaded keys.
func NewStock(k *keys.Keys) *Stock { return &Stock{k} }

// Close forgets the keys.
func (p *Stock) Close() error {
	p.keys = nil
	return nil
}

// Keys of the prover.
func (p *Stock) Keys() *keys.Keys { return p.keys }

// Prove makes a proof, with fresh randomness each time. It returns *InvalidInputError, ErrNotSolvent, or an error
// that is a defect of this library.
func (p *Stock) Prove(in *Input) (proof [ProofBytes]byte, err error) {
	full, err := FullVector(p.keys.Circuit.Model(), in)
	if err != nil {
		return proof, err
	}
	defer clear(full)
	system, err := r1cs(p.keys.Circuit)
	if err != nil {
		return proof, err
	}
	made, err := groth16.Prove(system, p.keys.Proving, vectorWitness{vector: full})
	if err != nil {
		return proof, solverError(err)
	}
	if len(made.Commitments) != 0 {
		return proof, errors.New("the proof has commitments")
	}
	return encodeProof(made), nil
}

// Satisfies solves the constraints for an input and makes no proof. It returns what Prove would.
func Satisfies(circuit *circuits.Circuit, in *Input) error {
	full, err := FullVector(circuit.Model(), in)
	if err != nil {
		return err
	}
	defer clear(full)
	if _, err = circuit.Solve(full); errors.Is(err, circuits.ErrUnsatisfied) {
		return ErrNotSolvent
	}
	return err
}

// FullVector is the public vector with the choices appended: what the constraints are solved for. The caller clears it.
func FullVector(model *circuits.Model, in *Input) (fr.Vector, error) {
	public, err := model.PublicVector(
		in.Context, in.Numerator, in.Denominator, in.Coefficients, in.Holdings, in.Blinding)
	if err != nil {
		return nil, &InvalidInputError{err.Error()}
	}
	defer clear(public)
	full, err := model.WithChoices(public, in.Choices)
	if err != nil {
		return nil, &InvalidInputError{err.Error()}
	}
	return full, nil
}

func r1cs(circuit *circuits.Circuit) (*cs.R1CS, error) {
	system, ok := circuit.ConstraintSystem().(*cs.R1CS)
	if !ok {
		return nil, errors.New("the constraint system is no R1CS over BN254")
	}
	return system, nil
}

func solverError(err error) error {
	if err = circuits.SolverError(err); errors.Is(err, circuits.ErrUnsatisfied) {
		return ErrNotSolvent
	}
	return err
}

// Verify checks a proof against the full public vector with gnark's own verifier: field elements of ElementBytes
// each, without the constant one. An encoding that gnark does not read is a proof that is not accepted.
//
// This is the reference that the aggregated verifier is compared with; gnark's reader accepts the point
// at infinity, and nothing here forbids it.
func (p *Stock) Verify(publicVector []byte, proof []byte) (bool, error) {
	inputs := len(p.keys.Verifying.G1.K) - 1
	if len(publicVector) != inputs*ElementBytes {
		return false, &InvalidInputError{fmt.Sprintf("public vector: %d bytes; %d inputs of %d bytes are needed",
			len(publicVector), inputs, ElementBytes)}
	}
	public, err := elements("public vector", publicVector)
	if err != nil {
		return false, err
	}
	if len(proof) != ProofBytes {
		return false, &InvalidInputError{fmt.Sprintf("proof: %d bytes instead of %d", len(proof), ProofBytes)}
	}
	decoded, err := decodeProof(proof)
	if err != nil {
		return false, nil
	}
	return groth16.Verify(decoded, p.keys.Verifying, public) == nil, nil
}

// PublicSum adds up multiples of the verifying key's points K with gnark's multi-scalar multiplication: K[first]
// times the first scalar, K[first+1] times the second, and so on. K[0] belongs to the constant one, then come the
// inputs of the public vector. Scalars are field elements of ElementBytes each. The sum is compressed.
//
// This is the reference for prepared rounds and for commitments, both of which are such sums.
func (p *Stock) PublicSum(first int64, scalars []byte) (sum [PointBytes]byte, err error) {
	points := p.keys.Verifying.G1.K
	if first < 0 || first >= int64(len(points)) {
		return sum, &InvalidInputError{fmt.Sprintf("first: %d is outside [0, %d]", first, len(points)-1)}
	}
	points = points[first:]
	if len(scalars)%ElementBytes != 0 || len(scalars)/ElementBytes > len(points) {
		return sum, &InvalidInputError{fmt.Sprintf("scalars: %d bytes; at most %d scalars of %d bytes have a point",
			len(scalars), len(points), ElementBytes)}
	}
	vector, err := elements("scalars", scalars)
	if err != nil {
		return sum, err
	}
	defer clear(vector)
	var point bn254.G1Affine
	if _, err = point.MultiExp(points[:len(vector)], vector, ecc.MultiExpConfig{}); err != nil {
		return sum, fmt.Errorf("gnark failed with a %T", err)
	}
	return point.Bytes(), nil
}

// elements reads big-endian field elements. Its error names the element, not its value.
func elements(name string, data []byte) (fr.Vector, error) {
	vector := make(fr.Vector, len(data)/ElementBytes)
	for i := range vector {
		if err := vector[i].SetBytesCanonical(data[i*ElementBytes : (i+1)*ElementBytes]); err != nil {
			return nil, &InvalidInputError{fmt.Sprintf("%s: element %d is not below r", name, i)}
		}
	}
	return vector, nil
}

func encodeProof(proof *groth16.Proof) (out [ProofBytes]byte) {
	a, b, krs := proof.Ar.Bytes(), proof.Bs.Bytes(), proof.Krs.Bytes()
	n := copy(out[:], a[:])
	n += copy(out[n:], b[:])
	copy(out[n:], krs[:])
	return out
}

func decodeProof(data []byte) (*groth16.Proof, error) {
	const a, b = bn254.SizeOfG1AffineCompressed, bn254.SizeOfG2AffineCompressed
	proof := new(groth16.Proof)
	if err := exactly(proof.Ar.SetBytes(data[:a])); err != nil {
		return nil, err
	}
	if n, err := proof.Bs.SetBytes(data[a : a+b]); err != nil || n != b {
		return nil, fmt.Errorf("B: %d bytes read, %w", n, err)
	}
	if err := exactly(proof.Krs.SetBytes(data[a+b:])); err != nil {
		return nil, err
	}
	return proof, nil
}

func exactly(n int, err error) error {
	if err == nil && n != bn254.SizeOfG1AffineCompressed {
		return fmt.Errorf("%d bytes read", n)
	}
	return err
}

// vectorWitness hands a vector to gnark without its reflection.
type vectorWitness struct {
	witness.Witness
	vector fr.Vector
}

// Vector is all that the prover asks for.
func (w vectorWitness) Vector() any { return w.vector }
