// Package tuned is a Groth16 prover for circuits of package circuits. It uses gnark's keys and makes gnark's proofs, by other
// means: see docs/prover.md.
package tuned

import (
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	cs "github.com/consensys/gnark/constraint/bn254"

	"plimsoll.io/circuits"
)

// Prover makes proofs for one circuit and proving key. It is safe for concurrent use.
type Prover struct {
	program   *program
	key       *key
	transform transform
	scratch   sync.Pool // *scratch
	running   atomic.Int32
	rounds    partCache
	accounts  partCache
	mapped    []byte // the bundle, or nil
}

// scratch is what one proof needs; it is wiped after each.
type scratch struct {
	assignment
	quotient
	h [][4]uint64 // by row
}

// Inputs says which public wires belong to the round and which to the account, as half-open ranges of indices of the public
// vector, where the constant one is not counted.
type Inputs struct{ Round, Account [2]int }

// InputsOf is the layout of a circuit's public vector (docs/formats.md): context, threshold, coefficients, holdings and blinding.
func InputsOf(circuit *circuits.Circuit) Inputs {
	s := circuit.Stats()
	const first = 3
	return Inputs{
		Round:   [2]int{first, first + s.Coefficients},
		Account: [2]int{first + s.Coefficients, first + s.Coefficients + s.Holdings + 1},
	}
}

// New prepares a prover. That takes seconds; Load is the fast way.
func New(system *cs.R1CS, pk *groth16.ProvingKey, inputs Inputs) (*Prover, error) {
	p, err := compileInputs(system, inputs)
	if err != nil {
		return nil, err
	}
	k, err := prepare(p, pk, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	return newProver(p, k), nil
}

func compileInputs(system *cs.R1CS, inputs Inputs) (*program, error) {
	public := system.GetNbPublicVariables() - 1
	for _, r := range [][2]int{inputs.Round, inputs.Account} {
		if r[0] < 0 || r[0] > r[1] || r[1] > public {
			return nil, fmt.Errorf("inputs %d to %d of %d", r[0], r[1], public)
		}
	}
	return compile(system, [2]int{inputs.Round[0] + 1, inputs.Round[1] + 1}, [2]int{inputs.Account[0] + 1, inputs.Account[1] + 1})
}

func newProver(p *program, k *key) *Prover {
	return &Prover{program: p, key: k, transform: newTransform(k.domain),
		rounds: partCache{capacity: 8}, accounts: partCache{capacity: 1024}}
}

func (p *Prover) get() *scratch {
	if s, ok := p.scratch.Get().(*scratch); ok {
		return s
	}
	return &scratch{
		assignment: assignment{
			wires: make(fr.Vector, p.program.wires),
			left:  make(fr.Vector, len(p.program.rows)), right: make(fr.Vector, len(p.program.rows)), output: make(fr.Vector, len(p.program.rows)),
		},
		quotient: p.transform.quotient(len(p.program.rows)),
		h:        make([][4]uint64, len(p.program.rows)),
	}
}

func (p *Prover) put(s *scratch) {
	s.assignment.wipe()
	s.quotient.wipe()
	clear(s.h)
	p.scratch.Put(s)
}

// Prove makes a proof for the inputs, public ones first, without the constant one, with fresh randomness. It returns
// circuits.ErrUnsatisfied when a row does not hold. The proof has not been verified.
//
// One proof uses all processors when it is alone, and fewer when others are being made.
func (p *Prover) Prove(inputs fr.Vector) (*groth16.Proof, error) {
	var r, s fr.Element
	if _, err := r.SetRandom(); err != nil {
		return nil, err
	}
	if _, err := s.SetRandom(); err != nil {
		return nil, err
	}
	workers := max(1, runtime.GOMAXPROCS(0)/int(p.running.Add(1)))
	defer p.running.Add(-1)
	return p.prove(inputs, &r, &s, workers)
}

// prove is Prove with given randomness: zero, to be compared with another prover.
func (p *Prover) prove(inputs fr.Vector, r, s *fr.Element, workers int) (proof *groth16.Proof, err error) {
	if len(inputs) != p.inputs() {
		return nil, fmt.Errorf("%d inputs instead of %d", len(inputs), p.inputs())
	}
	scratch := p.get()
	defer p.put(scratch)
	defer g1.wipe()
	defer g2.wipe()
	scratch.wires[0].SetOne()
	copy(scratch.wires[1:], inputs)
	if err := p.program.solve(&scratch.assignment); err != nil {
		if errors.Is(err, errUnsatisfied) || errors.Is(err, circuits.ErrUnsatisfied) {
			return nil, circuits.ErrUnsatisfied
		}
		return nil, circuits.SolverError(err)
	}

	var round, account *parts
	var a, b, blinded bn254.G1Jac // blinded is s A + r B
	var b2 bn254.G2Affine
	tasks := []func() error{
		func() error { scratch.derive(0, scratch.left); return nil },
		func() error { scratch.derive(1, scratch.right); return nil },
		func() (err error) {
			if round, err = p.rounds.get(p, partRound, scratch.wires); err != nil {
				return err
			}
			if account, err = p.accounts.get(p, partAccount, scratch.wires); err != nil {
				return err
			}
			ownA, err := proofPart(&p.key.a, scratch.wires, r)
			if err != nil {
				return err
			}
			ownB, err := proofPart(&p.key.b, scratch.wires, s)
			if err != nil {
				return err
			}
			for _, point := range []*bn254.G1Affine{&p.key.a.constant[0], &round.a, &account.a, &ownA} {
				a.AddMixed(point)
			}
			for _, point := range []*bn254.G1Affine{&p.key.b.constant[0], &round.b, &account.b, &ownB} {
				b.AddMixed(point)
			}
			var scaled bn254.G1Jac
			blinded.ScalarMultiplication(&a, bigOf(s))
			blinded.AddAssign(scaled.ScalarMultiplication(&b, bigOf(r)))
			return nil
		},
		func() (err error) { b2, err = proofPart(&p.key.b2, scratch.wires, s); return err },
	}
	failures := make([]error, len(tasks))
	if err := parallel(workers, len(tasks), func(i int) { failures[i] = tasks[i]() }); err != nil {
		return nil, err
	}
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	var product fr.Element
	product.Mul(r, s)
	product.Neg(&product)
	quotient, err := p.krs(scratch, &product, workers)
	if err != nil {
		return nil, err
	}
	krs := blinded
	for _, point := range []*bn254.G1Affine{&quotient, &p.key.k.constant[0], &round.k, &account.k} {
		krs.AddMixed(point)
	}
	var bs bn254.G2Jac
	for _, point := range []*bn254.G2Affine{&b2, &p.key.b2.constant[0], &round.b2, &account.b2} {
		bs.AddMixed(point)
	}
	proof = new(groth16.Proof)
	proof.Ar.FromJacobian(&a)
	proof.Bs.FromJacobian(&bs)
	proof.Krs.FromJacobian(&krs)
	return proof, nil
}

func (p *Prover) inputs() int { return p.program.inputs - 1 }

// proofPart is the part of a form that is new in every proof, delta times a scalar included.
func proofPart[P any](f *form[P], wires fr.Vector, scalar *fr.Element) (result P, err error) {
	d := newDigits()
	defer d.release()
	if *d, err = f.appendWires(*d, f.wide[partProof], wires); err != nil {
		return result, err
	}
	if *d, err = f.appendMerged(*d, f.merged, wires); err != nil {
		return result, err
	}
	*d = f.appendSubsets(*d, wires)
	limbs, negative := magnitude(scalar)
	if *d, err = f.appendMultiple(*d, f.delta[0], limbs, negative); err != nil {
		return result, err
	}
	return f.sum([]*digits{d}, 1)
}

// krs is the part of Krs that is new in every proof, without the multiples of A and B.
func (p *Prover) krs(s *scratch, deltaFactor *fr.Element, workers int) (result bn254.G1Affine, err error) {
	f := &p.key.k
	pieces := make([]*digits, workers)
	for i := range pieces {
		pieces[i] = newDigits()
		defer pieces[i].release()
	}
	failures := make([]error, workers)
	if err := parallel(workers, workers, func(i int) {
		rows := len(p.program.rows)
		from, to := i*rows/workers&^7, (i+1)*rows/workers&^7
		if i == workers-1 {
			to = rows
		}
		h := s.h[from:to]
		s.products(h, from, to)
		d := *pieces[i]
		for _, w := range between(f.rows, from, to) {
			limbs, negative := magnitudeOf(h[int(w.wire)-from])
			if d, failures[i] = f.appendMultiple(d, w, limbs, negative); failures[i] != nil {
				return
			}
		}
		list := f.wide[partProof]
		if d, failures[i] = f.appendWires(d, list[i*len(list)/workers:(i+1)*len(list)/workers], s.wires); failures[i] != nil {
			return
		}
		list = f.merged
		if d, failures[i] = f.appendMerged(d, list[i*len(list)/workers:(i+1)*len(list)/workers], s.wires); failures[i] != nil {
			return
		}
		if i == 0 {
			d = f.appendSubsets(d, s.wires)
			limbs, negative := magnitude(deltaFactor)
			d, failures[i] = f.appendMultiple(d, f.delta[0], limbs, negative)
		}
		*pieces[i] = d
	}); err != nil {
		return result, err
	}
	if err := errors.Join(failures...); err != nil {
		return result, err
	}
	return f.sum(pieces, workers)
}

// between is those of ascending rows that are in [from, to).
func between(rows []wide, from, to int) []wide {
	first := sort.Search(len(rows), func(i int) bool { return int(rows[i].wire) >= from })
	last := sort.Search(len(rows), func(i int) bool { return int(rows[i].wire) >= to })
	return rows[first:last]
}
