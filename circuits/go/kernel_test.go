package circuits

import (
	"bytes"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	groth16_bn254 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/logger"
)

func init() { logger.Disable() }

func TestKernelHasNoContextNorBlinding(t *testing.T) {
	for _, shape := range [][4]int{{3, 2, 1, 2}, {8, 4, 2, 3}, {64, 16, 8, 4}} {
		c := portfolioGraph(shape[0], shape[1], shape[2], shape[3]).circuit(t)
		report, err := CheckKernel(c.ConstraintSystem())
		if err != nil {
			t.Fatal(err)
		}
		last := c.Stats().PublicInputs - 1
		if slices.Contains(report.Touched, 0) || slices.Contains(report.Touched, last) {
			t.Fatalf("context or blinding touched: %v", report.Touched)
		}
		// Intercepts and cash stand in linear rows only: all tiers of one collateral can move against cash.
		if want := shape[2]; report.Dimension != want {
			t.Errorf("shape %v: dimension %d, want %d; touched %v", shape, report.Dimension, want, report.Touched)
		}
	}
}

// linearContext is a small system in which an input of the public vector stands in a linear row only.
func linearContext(linearWire, productWire uint32) *rows {
	r := newRows(0, 1, 0, 10)
	blinding := uint32(r.public - 1)
	holding := blinding - 1
	square := r.product(wireOf(holding), wireOf(holding))
	r.own(wireOf(linearWire).plus(wireOf(square)))
	r.product(wireOf(productWire), wireOf(productWire))
	r.product(wireOf(numeratorWire), wireOf(denominatorWire))
	return r
}

func TestLinearContextOrBlindingFailsTheKernelCheck(t *testing.T) {
	blinding := uint32(5)
	for input, r := range map[string]*rows{
		"context":  linearContext(contextWire, blinding),
		"blinding": linearContext(blinding, contextWire),
	} {
		_, err := CheckKernel(r.system)
		var kernelError *KernelError
		if !errors.As(err, &kernelError) || kernelError.Input != input {
			t.Errorf("linear %s: %v", input, err)
		}
	}
}

// violated is the first of the rows that wires break, or -1.
func violated(rows [][3]linear, wires fr.Vector) int {
	for i, row := range rows {
		l, r, o := row[0].evaluate(wires), row[1].evaluate(wires), row[2].evaluate(wires)
		if l.Mul(&l, &r); !l.Equal(&o) {
			return i
		}
	}
	return -1
}

// rowsOf reads the rows back from gnark's form.
func rowsOf(system *cs.R1CS) [][3]linear {
	var rows [][3]linear
	it := system.GetR1CIterator()
	for r := it.Next(); r != nil; r = it.Next() {
		var row [3]linear
		for side, l := range []constraint.LinearExpression{r.L, r.R, r.O} {
			for _, t := range l {
				row[side] = append(row[side], part{t.VID, system.Coefficients[t.CID]})
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// retarget moves a proof along a kernel vector, with the proving key's points alone.
func retarget(proof *groth16_bn254.Proof, pk *groth16_bn254.ProvingKey, k fr.Vector, public int) *groth16_bn254.Proof {
	var sum, term bn254.G1Jac
	sum.FromAffine(&proof.Krs)
	for wire := public; wire < len(k); wire++ {
		if !k[wire].IsZero() {
			var p bn254.G1Jac
			p.FromAffine(&pk.G1.K[wire-public])
			sum.AddAssign(term.ScalarMultiplication(&p, signed(fr.Modulus(), k[wire].BigInt(new(big.Int)))))
		}
	}
	moved := *proof
	moved.Krs.FromJacobian(&sum)
	return &moved
}

type keys struct {
	pk *groth16_bn254.ProvingKey
	vk groth16.VerifyingKey
}

func setup(t *testing.T, system *cs.R1CS) keys {
	t.Helper()
	pk, vk, err := groth16.Setup(system)
	if err != nil {
		t.Fatal(err)
	}
	return keys{pk.(*groth16_bn254.ProvingKey), vk}
}

func prove(t *testing.T, system *cs.R1CS, k keys, public fr.Vector) *groth16_bn254.Proof {
	t.Helper()
	w, err := witnessOf(public, len(public)-system.GetNbSecretVariables())
	if err != nil {
		t.Fatal(err)
	}
	proof, err := groth16.Prove(system, k.pk, w)
	if err != nil {
		t.Fatal(err)
	}
	return proof.(*groth16_bn254.Proof)
}

func verifies(t *testing.T, k keys, proof groth16.Proof, public fr.Vector) bool {
	t.Helper()
	w, err := witnessPublic(public)
	if err != nil {
		t.Fatal(err)
	}
	return groth16.Verify(proof, k.vk, w) == nil
}

func sumOf(a, b fr.Vector) fr.Vector {
	s := make(fr.Vector, len(a))
	for i := range s {
		s[i].Add(&a[i], &b[i])
	}
	return s
}

func TestProofMovesAlongTheKernelAndTheMovedStatementIsTrue(t *testing.T) {
	c := portfolioGraph(3, 2, 1, 2).circuit(t)
	key := setup(t, c.system)
	n, d, coefficients, holdings := solventInputs(c.model, rand.New(rand.NewPCG(3, 4)))
	public, err := c.PublicVector([16]byte{9}, n, d, coefficients, holdings, [32]byte{31: 5})
	if err != nil {
		t.Fatal(err)
	}
	proof := prove(t, c.system, key, public)
	if !verifies(t, key, proof, public) {
		t.Fatal("the honest proof is refused")
	}
	wires, err := c.Solve(public)
	if err != nil {
		t.Fatal(err)
	}
	kernel := kernelOf(c.system)
	if kernel.dimension() == 0 {
		t.Fatal("this circuit should have a kernel")
	}
	for _, free := range kernel.freeWires() {
		k := kernel.basisVector(free)
		z := sumOf(wires, k)
		if row := violated(rowsOf(c.system), z); row >= 0 {
			t.Fatalf("z + k breaks row %d", row)
		}
		moved := z[1:kernel.public]
		if slices.Equal(moved, public) {
			t.Fatal("the kernel vector moves no public input")
		}
		if !moved[0].Equal(&public[0]) || !moved[len(moved)-1].Equal(&public[len(public)-1]) {
			t.Fatal("context or blinding moved")
		}
		if !verifies(t, key, retarget(proof, key.pk, k, kernel.public), moved) {
			t.Fatal("the moved proof is refused")
		}
	}
	// The context: no vector of the kernel changes it, and a proof does not serve another one.
	other := slices.Clone(public)
	other[0].SetUint64(1)
	if verifies(t, key, proof, other) {
		t.Fatal("the proof serves another context")
	}
}

func TestProofOfLinearContextCircuitMovesToAnyContext(t *testing.T) {
	r := linearContext(contextWire, 5)
	key := setup(t, r.system)
	public := make(fr.Vector, r.public-1)
	for i := range public {
		public[i].SetUint64(uint64(i + 2))
	}
	proof := prove(t, r.system, key, public)
	kernel := kernelOf(r.system)
	for _, free := range kernel.freeWires() {
		k := kernel.basisVector(free)
		if k[contextWire].IsZero() {
			continue
		}
		other := slices.Clone(public)
		for i := range other {
			other[i].Add(&other[i], &k[i+1])
		}
		if !verifies(t, key, retarget(proof, key.pk, k, kernel.public), other) {
			t.Fatal("this circuit is broken, yet the attack fails")
		}
		return
	}
	t.Fatal("no kernel vector moves the context")
}

// TestKernelEqualsPlainElimination compares with dense Gaussian elimination on random models.
func TestKernelEqualsPlainElimination(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	positive := 0
	for range 60 {
		c, err := Compile(randomModel(r))
		if err != nil {
			t.Fatal(err)
		}
		kernel := kernelOf(c.system)
		rank := plainRank(c.system, kernel.wires)
		if want := kernel.wires - 1 - rank; kernel.dimension() != want {
			t.Fatalf("dimension %d, want %d", kernel.dimension(), want)
		}
		free := kernel.freeWires()
		if len(free) != kernel.dimension() {
			t.Fatalf("%d free wires, dimension %d", len(free), kernel.dimension())
		}
		for _, f := range free {
			positive++
			v := kernel.basisVector(f)
			for i, row := range rowsOf(c.system) {
				for _, side := range row {
					if e := side.evaluate(v); !e.IsZero() {
						t.Fatalf("row %d does not vanish on the kernel vector of wire %d", i, f)
					}
				}
			}
		}
	}
	if positive == 0 {
		t.Fatal("no random model has a kernel: not a fair sample")
	}
}

func plainRank(system *cs.R1CS, wires int) int {
	var rows []fr.Vector
	for _, row := range rowsOf(system) {
		for _, side := range row {
			v := make(fr.Vector, wires)
			for _, p := range side {
				v[p.wire] = p.coefficient
			}
			v[constantWire].SetZero()
			rows = append(rows, v)
		}
	}
	rank := 0
	for column := 1; column < wires; column++ {
		pivot := slices.IndexFunc(rows[rank:], func(v fr.Vector) bool { return !v[column].IsZero() })
		if pivot < 0 {
			continue
		}
		rows[rank], rows[rank+pivot] = rows[rank+pivot], rows[rank]
		var inverse fr.Element
		inverse.Inverse(&rows[rank][column])
		for _, v := range rows[rank+1:] {
			if v[column].IsZero() {
				continue
			}
			var factor, product fr.Element
			factor.Mul(&v[column], &inverse)
			for i := column; i < wires; i++ {
				product.Mul(&factor, &rows[rank][i])
				v[i].Sub(&v[i], &product)
			}
		}
		if rank++; rank == len(rows) {
			break
		}
	}
	return rank
}

func TestConstraintSystemBytesAreTheSameEveryTime(t *testing.T) {
	g := portfolioGraph(5, 3, 2, 3)
	serialise := func() []byte {
		var b bytes.Buffer
		if _, err := g.circuit(t).ConstraintSystem().WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	first := serialise()
	for range 3 {
		if !bytes.Equal(first, serialise()) {
			t.Fatal("two compilations differ")
		}
	}
	var read cs.R1CS
	if _, err := read.ReadFrom(bytes.NewReader(first)); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if _, err := read.WriteTo(&again); err != nil || !bytes.Equal(first, again.Bytes()) {
		t.Fatalf("reading and writing again changes the bytes (%v)", err)
	}
}
