package circuits

import (
	"errors"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
)

var errNotYet = errors.New("not available yet")

// Model is a parsed and checked margin model. It is immutable.
type Model struct{}

// ParseModel decodes and checks the bytes of a MarginModel message.
func ParseModel(data []byte) (*Model, error) { return nil, errNotYet }

// Circuit is a compiled model. It is immutable and safe for concurrent use.
type Circuit struct{}

// Compile lowers a model to constraints.
func Compile(model *Model) (*Circuit, error) { return nil, errNotYet }

// ConstraintSystem is the circuit as gnark's R1CS (*cs_bn254.R1CS) over BN254. It must not be changed.
func (c *Circuit) ConstraintSystem() constraint.ConstraintSystem { return nil }

// Layout is the canonical layout bytes.
func (c *Circuit) Layout() []byte { return nil }

// ModelDigest is the model's digest.
func (c *Circuit) ModelDigest() [32]byte { return [32]byte{} }

// Decomposition is one bit decomposition: the node that needed it first and its number of bits.
type Decomposition struct {
	Node, Bits uint32
}

// Stats is what a circuit costs.
type Stats struct {
	Constraints, Wires, PublicInputs, FFTSize, Coefficients, Holdings int
	Decompositions                                                    []Decomposition
}

// Stats of the circuit.
func (c *Circuit) Stats() Stats { return Stats{} }

// PublicVector is the public inputs in order, without the constant one.
func (c *Circuit) PublicVector(context [16]byte, n, d uint64, coefficients, holdings []int64, blinding [32]byte) (fr.Vector, error) {
	return nil, errNotYet
}

// Witness is PublicVector as gnark's witness (public only: the circuit has no secret input).
func (c *Circuit) Witness(context [16]byte, n, d uint64, coefficients, holdings []int64, blinding [32]byte) (witness.Witness, error) {
	return nil, errNotYet
}

// NodeValues is the value of every node of the model.
func (c *Circuit) NodeValues(n, d uint64, coefficients, holdings []int64) ([]*big.Int, error) {
	return nil, errNotYet
}

// KernelReport says along which public inputs a proof could be re-targeted.
type KernelReport struct {
	// Dimension of the kernel.
	Dimension int
	// Touched are the public inputs (0 is the context) with a non-zero coordinate in some kernel vector, ascending.
	Touched []int
}

// CheckKernel computes the kernel of the stacked matrix; an error when context or blinding stand in it.
func CheckKernel(cs constraint.ConstraintSystem) (KernelReport, error) {
	return KernelReport{}, errNotYet
}
