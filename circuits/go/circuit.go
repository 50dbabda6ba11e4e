package circuits

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"sync"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

// Circuit is a compiled model. Immutable; safe for concurrent use.
type Circuit struct {
	model          *Model
	system         *cs.R1CS
	forms          []linear // by node; nil and dead, or the expression of its value
	live           []bool   // by node
	decompositions []Decomposition
	// observed compiles the whole graph without assertions, for NodeValues.
	observed func() (*lowering, error)
}

// Decomposition is one bit decomposition: the node that first needed it, its number of bits, and of rows.
type Decomposition struct {
	Node, Bits, Rows uint32
}

// Stats is what a circuit costs.
type Stats struct {
	// Constraints is the number of rows.
	Constraints int
	// Wires counts the constant one, the public inputs, the choices and the internal wires.
	Wires int
	// PublicInputs is 4 + Coefficients + Holdings; the verifying key has one point more.
	PublicInputs int
	// Coefficients and Holdings of the model.
	Coefficients, Holdings int
	// FFTSize is the least power of two that is not below Constraints.
	FFTSize int
	// VerifyingKeyBytes is the size of the verifying key's bytes (docs/formats.md).
	VerifyingKeyBytes int
	// ProvingKeyBytes is the size of the proving key's points, uncompressed, without gnark's headers.
	ProvingKeyBytes int
	// Decompositions in the order of their rows.
	Decompositions []Decomposition
}

// Compile lowers a model to constraints. The same model gives the same bytes of the constraint system every time. A model whose
// circuit would have more than 2^22 rows, or 2^26 terms, is an [*InvalidError].
func Compile(model *Model) (*Circuit, error) {
	if model == nil {
		return nil, errors.New("no model")
	}
	l, err := lower(model, false)
	if err != nil {
		return nil, err
	}
	live := make([]bool, len(model.nodes))
	for i := range live {
		live[i] = l.live[l.same[i]]
	}
	return &Circuit{model: model, system: l.system, forms: l.forms, live: live, decompositions: l.decompositions,
		observed: sync.OnceValues(func() (*lowering, error) { return lower(model, true) })}, nil
}

// ConstraintSystem is the circuit as gnark's *cs.R1CS over BN254. It has no secret input and no commitment. It must not be changed.
func (c *Circuit) ConstraintSystem() constraint.ConstraintSystem { return c.system }

// Model that was compiled.
func (c *Circuit) Model() *Model { return c.model }

// Layout is the canonical layout: J_max and the intervals of coefficients and holdings. The caller owns the slice.
func (c *Circuit) Layout() []byte { return c.model.Layout() }

// ModelDigest is the digest of the model's bytes.
func (c *Circuit) ModelDigest() [32]byte { return c.model.digest }

// Stats is what the circuit costs.
func (c *Circuit) Stats() Stats {
	s := Stats{
		Constraints:    c.system.GetNbConstraints(),
		Wires:          c.wires(),
		PublicInputs:   c.system.GetNbPublicVariables() - 1,
		Coefficients:   c.model.nCoefs,
		Holdings:       c.model.nHoldings,
		FFTSize:        int(ecc.NextPowerOfTwo(uint64(c.system.GetNbConstraints()))),
		Decompositions: append([]Decomposition(nil), c.decompositions...),
	}
	const g1, g2 = 64, 128
	s.VerifyingKeyBytes = g1 + 3*g2 + 4 + g1*(s.PublicInputs+1)
	// G1: alpha, beta, delta; a point of A and of B for each wire that stands there; Z; K of the internal wires. G2: beta, delta, B.
	a, b := c.standing()
	s.ProvingKeyBytes = g1*(3+a+b+s.FFTSize-1+s.Wires-1-s.PublicInputs) + g2*(2+b)
	return s
}

func (c *Circuit) wires() int {
	return c.system.GetNbPublicVariables() + c.system.GetNbSecretVariables() + c.system.GetNbInternalVariables()
}

// standing counts the wires that stand on the left and on the right of some row.
func (c *Circuit) standing() (left, right int) {
	wires := c.wires()
	onLeft, onRight := make([]bool, wires), make([]bool, wires)
	mark := func(l constraint.LinearExpression, seen []bool, count *int) {
		for _, t := range l {
			if !seen[t.VID] {
				seen[t.VID] = true
				*count++
			}
		}
	}
	it := c.system.GetR1CIterator()
	for r := it.Next(); r != nil; r = it.Next() {
		mark(r.L, onLeft, &left)
		mark(r.R, onRight, &right)
	}
	return left, right
}

// PublicVector is the public inputs in the order of docs/formats.md, without the constant one: context (16 bytes,
// big-endian), N in [0, 2^32), D in [1, 2^32), coefficients each in its interval, holdings (the sums over all attesters) each in J_max
// times its interval, blinding (32 bytes, big-endian, below r). An [*InvalidError] names the input, its value and its bounds; the
// values of holdings and blinding are never named.
func (c *Circuit) PublicVector(context [16]byte, n, d uint64, coefficients, holdings []int64, blinding [32]byte) (fr.Vector, error) {
	return c.model.PublicVector(context, n, d, coefficients, holdings, blinding)
}

// PublicVector is [Circuit.PublicVector], for which nothing needs to be compiled.
func (m *Model) PublicVector(context [16]byte, n, d uint64, coefficients, holdings []int64, blinding [32]byte) (fr.Vector, error) {
	if err := m.checkInputs(n, d, coefficients, holdings); err != nil {
		return nil, err
	}
	v := make(fr.Vector, 4+m.nCoefs+m.nHoldings)
	v[contextWire-1].SetBytes(context[:])
	v[numeratorWire-1].SetUint64(n)
	v[denominatorWire-1].SetUint64(d)
	for i, x := range coefficients {
		v[firstCoefficient-1+i].SetInt64(x)
	}
	for i, x := range holdings {
		v[firstCoefficient-1+m.nCoefs+i].SetInt64(x)
	}
	if err := v[len(v)-1].SetBytesCanonical(blinding[:]); err != nil {
		return nil, invalid("blinding", "not below the order of the scalar field")
	}
	return v, nil
}

func (m *Model) checkInputs(n, d uint64, coefficients, holdings []int64) error {
	const maxThreshold = 1<<32 - 1
	switch {
	case n > maxThreshold:
		return invalid("threshold.numerator", "%d, it must be 0 to %d", n, uint64(maxThreshold))
	case d < 1 || d > maxThreshold:
		return invalid("threshold.denominator", "%d, it must be 1 to %d", d, uint64(maxThreshold))
	case len(coefficients) != m.nCoefs:
		return invalid("coefficients", "%d of them, the model has %d", len(coefficients), m.nCoefs)
	case len(holdings) != m.nHoldings:
		return invalid("holdings", "%d of them, the model has %d", len(holdings), m.nHoldings)
	}
	if err := checkRange("coefficients", coefficients, m.tensors, 1, false); err != nil {
		return err
	}
	return checkRange("holdings", holdings, m.holdings, m.maxAttesters, true)
}

// WithChoices appends the owner's choices to a public vector: that is what the constraints are solved for. Each is 0 to its
// declared maximum; whether they fulfil the model's constraints is for the circuit to say. An [*InvalidError] names the choice and its
// bounds, never its value.
func (c *Circuit) WithChoices(public fr.Vector, choices []int64) (fr.Vector, error) {
	return c.model.WithChoices(public, choices)
}

// WithChoices is [Circuit.WithChoices], for which nothing needs to be compiled.
func (m *Model) WithChoices(public fr.Vector, choices []int64) (fr.Vector, error) {
	if len(choices) != m.nChoices {
		return nil, invalid("choices", "%d of them, the model has %d", len(choices), m.nChoices)
	}
	if err := checkRange("choices", choices, m.choices, 1, true); err != nil {
		return nil, err
	}
	full := make(fr.Vector, len(public), len(public)+len(choices))
	copy(full, public)
	for _, x := range choices {
		full = append(full, fr.NewElement(uint64(x)))
	}
	return full, nil
}

// checkRange names a value out of bounds only when it is no secret.
func checkRange(field string, values []int64, vectors []vector, factor int64, secret bool) error {
	for _, v := range vectors {
		min, max := factor*v.min, factor*v.max
		for i, x := range values[v.first : v.first+v.length] {
			if x >= min && x <= max {
				continue
			}
			if secret {
				return invalid(indexed(field, v.first+i), "element %d of %q must be %d to %d", i, v.name, min, max)
			}
			return invalid(indexed(field, v.first+i), "%d, element %d of %q must be %d to %d", x, i, v.name, min, max)
		}
	}
	return nil
}

// Witness is PublicVector as gnark's public witness. It is the full witness too, unless the model has choices.
func (c *Circuit) Witness(context [16]byte, n, d uint64, coefficients, holdings []int64, blinding [32]byte) (witness.Witness, error) {
	v, err := c.PublicVector(context, n, d, coefficients, holdings, blinding)
	if err != nil {
		return nil, err
	}
	return witnessOf(v, len(v))
}

// witnessOf goes through the binary form: gnark's other ways in use reflection or a channel for each element.
func witnessOf(v fr.Vector, public int) (witness.Witness, error) {
	data := make([]byte, 12, 12+fr.Bytes*len(v))
	binary.BigEndian.PutUint32(data, uint32(public))
	binary.BigEndian.PutUint32(data[4:], uint32(len(v)-public))
	binary.BigEndian.PutUint32(data[8:], uint32(len(v)))
	for i := range v {
		b := v[i].Bytes()
		data = append(data, b[:]...)
	}
	w, err := witness.New(fr.Modulus())
	if err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	if err := w.UnmarshalBinary(data); err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	return w, nil
}

// Solve computes all wires from a public vector, with the choices appended if the model has any: the constant one, the public
// inputs, the choices, the internal wires. It returns [ErrUnsatisfied] when an assertion or a constraint on the choices does not
// hold. Other errors mean that the vector is none of PublicVector's or WithChoices'.
func (c *Circuit) Solve(full fr.Vector) (fr.Vector, error) { return solve(c.system, full) }

func solve(system *cs.R1CS, full fr.Vector) (fr.Vector, error) {
	w, err := witnessOf(full, len(full)-system.GetNbSecretVariables())
	if err != nil {
		return nil, err
	}
	solution, err := system.Solve(w)
	if err != nil {
		return nil, SolverError(err)
	}
	return solution.(*cs.R1CSSolution).W, nil
}

// SolverError replaces an error of gnark's solver or prover, whose text has values of wires. It is [ErrUnsatisfied] when an
// assertion does not hold: then the bits of a negative number were asked for, or, where the assertion leaves nothing but zero, a row
// without bits fails.
func SolverError(err error) error {
	var row *cs.UnsatisfiedConstraintError
	if errors.Is(err, ErrUnsatisfied) || errors.As(err, &row) {
		return ErrUnsatisfied
	}
	return fmt.Errorf("the constraints have no solution: %T", err)
}

// NodeValues is the value of every node as the constraints compute it, for comparison with the model's evaluator. Nodes
// on which no assertion depends come from a second circuit with the whole graph and no assertion, which is built on the
// first call; so do all nodes when an assertion does not hold. When all hold, each node of the real circuit is compared, and a difference
// is an error. Inputs are as in PublicVector and WithChoices. The values are secret; the caller owns them.
func (c *Circuit) NodeValues(n, d uint64, coefficients, holdings, choices []int64) ([]*big.Int, error) {
	public, err := c.PublicVector([16]byte{}, n, d, coefficients, holdings, [32]byte{})
	if err != nil {
		return nil, err
	}
	full, err := c.WithChoices(public, choices)
	if err != nil {
		return nil, err
	}
	observed, err := c.observed()
	if err != nil {
		return nil, err
	}
	wires, err := solve(observed.system, full)
	if err != nil {
		return nil, err
	}
	values := make([]*big.Int, len(c.model.nodes))
	for i := range values {
		values[i] = signedValue(observed.forms[i].evaluate(wires))
	}
	for _, a := range c.model.assertions {
		if values[a.node].Sign() < 0 {
			return values, nil
		}
	}
	for _, c := range c.model.constraints {
		if s := values[c.node].Sign(); s < 0 || s > 0 && c.relation == relationZero {
			return values, nil
		}
	}
	wires, err = c.Solve(full)
	if err != nil {
		return nil, fmt.Errorf("every assertion holds, but: %w", err)
	}
	for i, live := range c.live {
		if live && signedValue(c.forms[i].evaluate(wires)).Cmp(values[i]) != 0 {
			return nil, fmt.Errorf("node %d differs between the circuit and its observation", i)
		}
	}
	return values, nil
}

func signedValue(e fr.Element) *big.Int {
	return signed(fr.Modulus(), e.BigInt(new(big.Int)))
}
