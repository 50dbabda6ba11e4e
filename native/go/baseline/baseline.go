// Package baseline states what a circuit of package circuits states in the usual way, for comparison: the risk table and the portfolio are private,
// and bound by Poseidon2 digests that are public. It is proven with gnark's own prover. For benchmarks alone.
package baseline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	hash "github.com/consensys/gnark/std/hash/poseidon2"

	"plimsoll.io/circuits"
)

// packed is how many 64-bit integers go into one hashed element. Binding would need a range check of each, which is left out: that
// makes the baseline cheaper than it could be in use.
const packed = 3

// statement is the circuit. Values are those of the original's wires, from the first coefficient on.
type statement struct {
	Context, Numerator, Denominator frontend.Variable `gnark:",public"`
	Round, Account                  frontend.Variable `gnark:",public"`
	Inputs                          []frontend.Variable
	Hidden                          []frontend.Variable

	rows         []constraint.R1C
	coefficients []fr.Element
	products     map[int]int // by wire: the row that computes it
	hidden       map[int]int // by wire: index in Hidden
	nCoefs       int
	wires        int
}

const firstCoefficient = 4

func (s *statement) Define(api frontend.API) error {
	round, err := hash.New(api)
	if err != nil {
		return err
	}
	account, err := hash.New(api)
	if err != nil {
		return err
	}
	pack := func(values []frontend.Variable) (sum frontend.Variable) {
		sum = 0
		for i := len(values) - 1; i >= 0; i-- {
			sum = api.Add(api.Mul(sum, new(fr.Element).SetUint64(1<<63)), values[i])
		}
		return sum
	}
	holdings := s.Inputs[s.nCoefs : len(s.Inputs)-1]
	for from := 0; from < s.nCoefs; from += packed {
		round.Write(pack(s.Inputs[from:min(from+packed, s.nCoefs)]))
	}
	for from := 0; from < len(holdings); from += packed {
		account.Write(pack(holdings[from:min(from+packed, len(holdings))]))
	}
	account.Write(s.Inputs[len(s.Inputs)-1])
	api.AssertIsEqual(round.Sum(), s.Round)
	api.AssertIsEqual(account.Sum(), s.Account)

	values := make([]frontend.Variable, s.wires)
	values[0] = 1
	values[1], values[2], values[3] = s.Context, s.Numerator, s.Denominator
	copy(values[firstCoefficient:], s.Inputs)
	for wire, i := range s.hidden {
		values[wire] = s.Hidden[i]
	}
	sum := func(l constraint.LinearExpression) frontend.Variable {
		terms := make([]frontend.Variable, 0, len(l))
		for _, t := range l {
			terms = append(terms, api.Mul(values[t.WireID()], s.coefficients[t.CoeffID()]))
		}
		switch len(terms) {
		case 0:
			return 0
		case 1:
			return terms[0]
		default:
			return api.Add(terms[0], terms[1], terms[2:]...)
		}
	}
	for i, r := range s.rows {
		left, right := sum(r.L), sum(r.R)
		if wire, ok := product(&r); ok && s.products[wire] == i {
			values[wire] = api.Mul(left, right)
			continue
		}
		if wire, ok := boolean(&r, s.coefficients); ok {
			api.AssertIsBoolean(values[wire])
			continue
		}
		if len(r.L) == 0 || len(r.R) == 0 {
			api.AssertIsEqual(0, sum(r.O))
			continue
		}
		api.AssertIsEqual(api.Mul(left, right), sum(r.O))
	}
	return nil
}

// product is a row that computes its only output.
func product(r *constraint.R1C) (wire int, ok bool) {
	if len(r.L) == 0 || len(r.R) == 0 || len(r.O) != 1 || r.O[0].CoeffID() != constraint.CoeffIdOne || r.O[0].WireID() == 0 {
		return 0, false
	}
	return r.O[0].WireID(), true
}

func boolean(r *constraint.R1C, coefficients []fr.Element) (wire int, ok bool) {
	if len(r.O) != 0 || len(r.R) != 1 || len(r.L) != 2 || r.R[0].CoeffID() != constraint.CoeffIdOne {
		return 0, false
	}
	wire = r.R[0].WireID()
	var minusOne fr.Element
	minusOne.SetInt64(-1)
	for _, t := range r.L {
		if t.WireID() == wire && coefficients[t.CoeffID()].Equal(&minusOne) {
			return wire, true
		}
	}
	return 0, false
}

func newStatement(circuit *circuits.Circuit) (*statement, error) {
	system, ok := circuit.ConstraintSystem().(*cs.R1CS)
	if !ok {
		return nil, errors.New("the constraint system is no R1CS over BN254")
	}
	public := system.GetNbPublicVariables()
	s := &statement{
		rows:         system.GetR1Cs(),
		coefficients: system.Coefficients,
		products:     map[int]int{},
		hidden:       map[int]int{},
		nCoefs:       circuit.Stats().Coefficients,
		wires:        public + system.GetNbSecretVariables() + system.GetNbInternalVariables(),
		Inputs:       make([]frontend.Variable, public-firstCoefficient),
	}
	for i := range s.rows {
		// Whatever stands in an earlier row is not computed by this one.
		if wire, ok := product(&s.rows[i]); ok && wire >= public {
			if _, seen := s.products[wire]; !seen && !s.standsBefore(wire, i) {
				s.products[wire] = i
			}
		}
	}
	for wire := public; wire < s.wires; wire++ {
		if _, ok := s.products[wire]; !ok {
			s.hidden[wire] = len(s.hidden)
		}
	}
	s.Hidden = make([]frontend.Variable, len(s.hidden))
	return s, nil
}

func (s *statement) standsBefore(wire, row int) bool {
	for _, r := range s.rows[max(0, row-1):row] {
		for _, l := range []constraint.LinearExpression{r.L, r.R, r.O} {
			for _, t := range l {
				if t.WireID() == wire {
					return true
				}
			}
		}
	}
	return false
}

// Prover proves the statement with gnark's prover.
type Prover struct {
	circuit *circuits.Circuit
	system  *cs.R1CS
	pk      *groth16.ProvingKey
	vk      *groth16.VerifyingKey
}

// keyFile keeps the baseline's keys beside those of the circuit: making them takes longer than measuring.
const keyFile = "baseline"

// Open compiles the baseline of a circuit and finds its keys in a directory, or makes them there.
func Open(circuit *circuits.Circuit, directory string) (*Prover, error) {
	s, err := newStatement(circuit)
	if err != nil {
		return nil, err
	}
	compiled, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, s, frontend.WithCompressThreshold(1<<20))
	if err != nil {
		return nil, fmt.Errorf("compiling the baseline: %T", err)
	}
	p := &Prover{circuit: circuit, system: compiled.(*cs.R1CS), pk: new(groth16.ProvingKey), vk: new(groth16.VerifyingKey)}
	name := filepath.Join(directory, fmt.Sprintf("%s-%d.key", keyFile, p.system.GetNbConstraints()))
	if file, err := os.Open(name); err == nil {
		defer file.Close()
		if _, err := p.vk.ReadFrom(file); err == nil {
			if err := p.pk.ReadDump(file); err == nil && len(p.pk.InfinityA) == p.wires() {
				return p, nil
			}
		}
	}
	p.pk, p.vk = new(groth16.ProvingKey), new(groth16.VerifyingKey)
	if err := groth16.Setup(p.system, p.pk, p.vk); err != nil {
		return nil, err
	}
	// Without a place for them they are made again the next time.
	if file, err := os.CreateTemp(directory, ".baseline-"); err == nil {
		_, err := p.vk.WriteTo(file)
		if err := errors.Join(err, p.pk.WriteDump(file), file.Close()); err != nil || os.Rename(file.Name(), name) != nil {
			os.Remove(file.Name())
		}
	}
	return p, nil
}

func (p *Prover) wires() int {
	return p.system.GetNbPublicVariables() + p.system.GetNbSecretVariables() + p.system.GetNbInternalVariables()
}

// Constraints is the number of rows.
func (p *Prover) Constraints() int { return p.system.GetNbConstraints() }

// Witness is the baseline's for a public vector of the circuit.
func (p *Prover) Witness(inputs fr.Vector) (witness.Witness, error) {
	wires, err := p.circuit.Solve(inputs)
	if err != nil {
		return nil, err
	}
	s, err := newStatement(p.circuit)
	if err != nil {
		return nil, err
	}
	s.Context, s.Numerator, s.Denominator = wires[1], wires[2], wires[3]
	for i := range s.Inputs {
		s.Inputs[i] = wires[firstCoefficient+i]
	}
	for wire, i := range s.hidden {
		s.Hidden[i] = wires[wire]
	}
	public := wires[firstCoefficient : firstCoefficient+len(s.Inputs)]
	s.Round = digest(public[:s.nCoefs], nil)
	s.Account = digest(public[s.nCoefs:len(public)-1], public[len(public)-1:])
	return frontend.NewWitness(s, ecc.BN254.ScalarField())
}

// digest hashes as Define does.
func digest(values, last fr.Vector) fr.Element {
	h := poseidon2.NewMerkleDamgardHasher()
	shift := new(fr.Element).SetUint64(1 << 63)
	for from := 0; from < len(values); from += packed {
		chunk := values[from:min(from+packed, len(values))]
		var sum fr.Element
		for i := len(chunk) - 1; i >= 0; i-- {
			sum.Mul(&sum, shift)
			sum.Add(&sum, &chunk[i])
		}
		b := sum.Bytes()
		h.Write(b[:])
	}
	for i := range last {
		b := last[i].Bytes()
		h.Write(b[:])
	}
	var result fr.Element
	result.SetBytes(h.Sum(nil))
	return result
}

// Prove makes a proof.
func (p *Prover) Prove(w witness.Witness) (*groth16.Proof, error) {
	return groth16.Prove(p.system, p.pk, w)
}

// Verify checks a proof.
func (p *Prover) Verify(proof *groth16.Proof, w witness.Witness) error {
	public, err := w.Public()
	if err != nil {
		return err
	}
	return groth16.Verify(proof, p.vk, public.Vector().(fr.Vector))
}
