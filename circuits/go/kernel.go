package circuits

import (
	"container/heap"
	"fmt"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

// KernelReport says along which public inputs a proof can be re-targeted without a witness.
type KernelReport struct {
	// Dimension of the kernel.
	Dimension int
	// Touched are the public inputs with a non-zero coordinate in some kernel vector, ascending, as positions in
	// the public vector (the context is 0).
	Touched []int
}

// KernelError is a circuit in which context or blinding stand in the kernel. No key may be made for it.
type KernelError struct {
	// Input is "context" or "blinding".
	Input  string
	Report KernelReport
}

func (e *KernelError) Error() string {
	return fmt.Sprintf("proofs of this circuit could be moved to another %s: it has a part in the kernel, of dimension %d, of the constraint matrices", e.Input, e.Report.Dimension)
}

// CheckKernel computes the kernel of a circuit's constraint matrices and requires that context (the first public
// input) and blinding (the last) have no part in it; a [*KernelError] says which one does. Key generation must call it.
//
// # What the kernel is
//
// Let row i of the system be (A_i z)(B_i z) = C_i z over all wires z, with z_0 = 1. The kernel is the space of all
// k with k_0 = 0 and A k = B k = C k = 0: the kernel of the matrices stacked upon each other, without the column of the
// constant. All other columns take part, public and internal alike.
//
// # Why these moves work
//
// Take a valid proof (A, B, Krs) for wires z and any k of the kernel. Groth16's public points are K_j =
// (beta A_j(t) + alpha B_j(t) + C_j(t))/gamma for public wires j, and the proving key has the same with
// delta instead of gamma for internal wires. A k = B k = C k = 0 says that the polynomials sum A_j k_j, sum B_j k_j, sum C_j k_j vanish, so A, B and
// the quotient H of z serve z + k unchanged, and gamma * (sum over public j of k_j K_j) + delta * (sum over internal j of k_j K_j) = 0. Hence
// (A, B, Krs + sum over internal j of k_j K_j) is accepted for the public inputs of z + k. This takes the proving key's
// points, which are no secret, and no witness. When k has public coordinates only, even Krs stays and sum k_j K_j = 0.
//
// # Why there are no others
//
// A sketch: whoever knows no witness can, in the generic group model, only combine the proof's points with the key's. The accepted
// equation then is an identity of polynomials in alpha, beta, gamma, delta and t. Re-randomisation aside, which changes no statement, A and
// B must stay up to terms that the identity cancels against Krs; comparing the coefficients of beta, alpha and
// 1 in the difference for the wires j gives sum A_j k_j = 0, sum B_j k_j = 0, sum C_j k_j = 0, as the three are polynomials of degree below the
// domain's size and the multiples of its vanishing polynomial that Krs may take in have no part below it. The constant wire is held because
// the verifier adds K_0 itself.
//
// # Why it is harmless elsewhere
//
// z + k satisfies every row, as no row can tell it from z: the re-targeted statement is true and has a witness. So soundness holds along the
// kernel as everywhere; what is lost is only that a proof belongs to one statement. The context is what ties a proof to account,
// version and round, and the blinding is what hides a commitment, so these two must stay out. One row with context alone on the left
// and blinding alone on the right forces both of their coordinates to 0.
func CheckKernel(system constraint.ConstraintSystem) (KernelReport, error) {
	r1cs, ok := system.(*cs.R1CS)
	if !ok {
		return KernelReport{}, fmt.Errorf("kernel: %T is no R1CS over BN254", system)
	}
	k := kernelOf(r1cs)
	report := KernelReport{Dimension: k.dimension()}
	for wire := 1; wire < k.public; wire++ {
		if k.moves(uint32(wire)) {
			report.Touched = append(report.Touched, wire-1)
		}
	}
	switch {
	case k.public < 3:
		return report, fmt.Errorf("kernel: %d public wires, no context and blinding", k.public)
	case k.moves(1):
		return report, &KernelError{"context", report}
	case k.moves(uint32(k.public - 1)):
		return report, &KernelError{"blinding", report}
	}
	return report, nil
}

// kernel is the solved system: every wire is zero, free, or a combination of free wires.
type kernel struct {
	wires, public int
	zero          []bool            // by wire
	pivots        map[uint32]linear // non-zero combination of free wires
}

func (k *kernel) moves(wire uint32) bool { return !k.zero[wire] }

func (k *kernel) dimension() int {
	free := -len(k.pivots)
	for _, z := range k.zero[1:] {
		if !z {
			free++
		}
	}
	return free
}

// basisVector is the kernel vector in which one free wire is 1 and all other free wires are 0.
func (k *kernel) basisVector(free uint32) fr.Vector {
	v := make(fr.Vector, k.wires)
	v[free].SetOne()
	for wire, combination := range k.pivots {
		for _, p := range combination {
			if p.wire == free {
				v[wire] = p.coefficient
			}
		}
	}
	return v
}

// freeWires, ascending.
func (k *kernel) freeWires() []uint32 {
	var free []uint32
	for w := 1; w < k.wires; w++ {
		if _, pivot := k.pivots[uint32(w)]; !pivot && !k.zero[w] {
			free = append(free, uint32(w))
		}
	}
	return free
}

// kernelOf solves A k = B k = C k = 0, k_0 = 0 in three steps. Expressions of a single wire, which most rows
// have (bits, products), set it to zero, and so on until none is left. Wires that stand in one remaining expression only are solved by
// it at no cost. A small core is eliminated, shortest expression first.
func kernelOf(system *cs.R1CS) *kernel {
	e := &elimination{
		wires:    system.GetNbPublicVariables() + system.GetNbSecretVariables() + system.GetNbInternalVariables(),
		pivotsOf: nil,
	}
	e.zero = make([]bool, e.wires)
	e.zero[constantWire] = true
	e.collect(system)
	e.propagateZeros()
	e.peel()
	e.eliminateCore()
	return &kernel{wires: e.wires, public: system.GetNbPublicVariables(), zero: e.zero, pivots: e.substitute()}
}

// elimination works on expressions that must vanish.
type elimination struct {
	wires    int
	zero     []bool
	rows     []linear // nil when done
	pivotsOf []solvedWire
}

// solvedWire: the expression determines wire from its other wires, which are solved later or free.
type solvedWire struct {
	wire uint32
	row  linear
}

func (e *elimination) collect(system *cs.R1CS) {
	add := func(l constraint.LinearExpression) {
		var row linear
		for _, t := range l {
			if c := system.Coefficients[t.CID]; t.VID != constantWire && !c.IsZero() {
				row = append(row, part{t.VID, c})
			}
		}
		if row = collect(row); len(row) == 1 {
			e.zero[row[0].wire] = true
		} else if len(row) > 1 {
			e.rows = append(e.rows, row)
		}
	}
	it := system.GetR1CIterator()
	for r := it.Next(); r != nil; r = it.Next() {
		add(r.L)
		add(r.R)
		add(r.O)
	}
}

// propagateZeros drops wires known to be zero; an expression left with one wire makes that one zero too.
func (e *elimination) propagateZeros() {
	remaining := make([]int, len(e.rows))
	rowsOf := make([][]int, e.wires)
	var queue []int
	for i, row := range e.rows {
		for _, p := range row {
			if !e.zero[p.wire] {
				remaining[i]++
				rowsOf[p.wire] = append(rowsOf[p.wire], i)
			}
		}
		if remaining[i] == 1 {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		row := e.rows[queue[len(queue)-1]]
		queue = queue[:len(queue)-1]
		for _, p := range row {
			if e.zero[p.wire] {
				continue
			}
			e.zero[p.wire] = true
			for _, i := range rowsOf[p.wire] {
				if remaining[i]--; remaining[i] == 1 {
					queue = append(queue, i)
				}
			}
		}
	}
	kept := e.rows[:0]
	seen := map[string]bool{}
	for _, row := range e.rows {
		row = slices.DeleteFunc(row, func(p part) bool { return e.zero[p.wire] })
		if len(row) == 0 {
			continue
		}
		if key := row.key(); !seen[key] {
			seen[key] = true
			kept = append(kept, row)
		}
	}
	e.rows = kept
}

// peel solves wires that stand in one expression only.
func (e *elimination) peel() {
	rowsOf := make(map[uint32]map[int]struct{})
	for i, row := range e.rows {
		for _, p := range row {
			if rowsOf[p.wire] == nil {
				rowsOf[p.wire] = map[int]struct{}{}
			}
			rowsOf[p.wire][i] = struct{}{}
		}
	}
	var queue []uint32
	for wire, rows := range rowsOf {
		if len(rows) == 1 {
			queue = append(queue, wire)
		}
	}
	slices.Sort(queue) // the result does not depend on the order, but the choice of free wires does
	for len(queue) > 0 {
		wire := queue[0]
		queue = queue[1:]
		for i := range rowsOf[wire] {
			row := e.rows[i]
			e.pivotsOf = append(e.pivotsOf, solvedWire{wire, row})
			e.rows[i] = nil
			for _, p := range row {
				delete(rowsOf[p.wire], i)
				if len(rowsOf[p.wire]) == 1 {
					queue = append(queue, p.wire)
				}
			}
		}
	}
}

// eliminateCore is Gaussian elimination, shortest expression first, each by its rarest wire.
func (e *elimination) eliminateCore() {
	rowsOf := make(map[uint32]map[int]struct{})
	order := rowHeap{}
	for i, row := range e.rows {
		for _, p := range row {
			if rowsOf[p.wire] == nil {
				rowsOf[p.wire] = map[int]struct{}{}
			}
			rowsOf[p.wire][i] = struct{}{}
		}
		if row != nil {
			order = append(order, rowLength{i, len(row)})
		}
	}
	heap.Init(&order)
	for len(order) > 0 {
		next := heap.Pop(&order).(rowLength)
		row := e.rows[next.row]
		if len(row) == 0 || len(row) != next.length {
			continue // done, or changed and pushed again
		}
		pivot := row[0]
		for _, p := range row {
			delete(rowsOf[p.wire], next.row)
			if len(rowsOf[p.wire]) < len(rowsOf[pivot.wire]) {
				pivot = p
			}
		}
		e.rows[next.row] = nil
		e.pivotsOf = append(e.pivotsOf, solvedWire{pivot.wire, row})
		var inverse fr.Element
		inverse.Inverse(&pivot.coefficient)
		others := make([]int, 0, len(rowsOf[pivot.wire]))
		for i := range rowsOf[pivot.wire] {
			others = append(others, i)
		}
		slices.Sort(others)
		for _, i := range others {
			old := e.rows[i]
			factor := old.coefficient(pivot.wire)
			factor.Mul(&factor, &inverse)
			e.rows[i] = old.minus(row.scaled(factor))
			for _, p := range old {
				delete(rowsOf[p.wire], i)
			}
			for _, p := range e.rows[i] {
				rowsOf[p.wire][i] = struct{}{}
			}
			heap.Push(&order, rowLength{i, len(e.rows[i])})
		}
	}
}

func (l linear) coefficient(wire uint32) fr.Element {
	i, ok := slices.BinarySearchFunc(l, wire, func(p part, w uint32) int { return int(p.wire) - int(w) })
	if !ok {
		return fr.Element{}
	}
	return l[i].coefficient
}

// substitute expresses each solved wire by free wires, last solved first.
func (e *elimination) substitute() map[uint32]linear {
	pivots := make(map[uint32]linear)
	solved := make(map[uint32]bool, len(e.pivotsOf))
	for i := len(e.pivotsOf) - 1; i >= 0; i-- {
		s := e.pivotsOf[i]
		factor := s.row.coefficient(s.wire)
		factor.Inverse(&factor).Neg(&factor)
		var parts linear
		for _, p := range s.row {
			switch {
			case p.wire == s.wire || e.zero[p.wire]:
			case solved[p.wire]:
				parts = append(parts, pivots[p.wire].scaled(p.coefficient)...)
			default:
				parts = append(parts, p)
			}
		}
		solved[s.wire] = true
		if combination := collect(parts).scaled(factor); len(combination) > 0 {
			pivots[s.wire] = combination
		} else {
			e.zero[s.wire] = true
		}
	}
	return pivots
}

type rowLength struct{ row, length int }

type rowHeap []rowLength

func (h rowHeap) Len() int { return len(h) }
func (h rowHeap) Less(i, j int) bool {
	return h[i].length < h[j].length || h[i].length == h[j].length && h[i].row < h[j].row
}
func (h rowHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *rowHeap) Push(x any)   { *h = append(*h, x.(rowLength)) }
func (h *rowHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
