package tuned

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/logger"

	"plimsoll.io/circuits"
	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
)

func init() { logger.Disable() }

// fixture is a circuit with keys and a prover.
type fixture struct {
	circuit *circuits.Circuit
	system  *cs.R1CS
	pk      *groth16.ProvingKey
	vk      *groth16.VerifyingKey
	prover  *Prover
}

func newFixture(t testing.TB, circuit *circuits.Circuit) *fixture {
	t.Helper()
	f := &fixture{circuit: circuit, system: circuit.ConstraintSystem().(*cs.R1CS), pk: new(groth16.ProvingKey), vk: new(groth16.VerifyingKey)}
	if err := groth16.Setup(f.system, f.pk, f.vk); err != nil {
		t.Fatal(err)
	}
	p, err := New(f.system, f.pk, InputsOf(circuit))
	if err != nil {
		t.Fatal(err)
	}
	f.prover = p
	return f
}

var small = sync.OnceValue(func() *circuits.Circuit {
	c, err := keys.CompileModel(testmodel.Bytes())
	if err != nil {
		panic(err)
	}
	return c
})

var smallFixture = func() func(t testing.TB) *fixture {
	var once sync.Once
	var f *fixture
	return func(t testing.TB) *fixture {
		t.Helper()
		once.Do(func() { f = newFixture(t, small()) })
		return f
	}
}()

// input of the test model: marks and rates, two positions, cash.
func smallInput(t testing.TB, n, d uint64, coefficients, holdings []int64) fr.Vector {
	t.Helper()
	v, err := small().PublicVector([16]byte{1, 2, 3}, n, d, coefficients, holdings, [32]byte{31: 9})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type vectorWitness struct {
	witness.Witness
	vector fr.Vector
}

func (w vectorWitness) Vector() any { return w.vector }

// zeros makes everything random zero.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// stockWithoutRandomness is gnark's own prover with r = s = 0. Tests that use it are not parallel.
func (f *fixture) stockWithoutRandomness(inputs fr.Vector) (*groth16.Proof, error) {
	before := rand.Reader
	rand.Reader = zeros{}
	defer func() { rand.Reader = before }()
	return groth16.Prove(f.system, f.pk, vectorWitness{vector: inputs})
}

var _ io.Reader = zeros{}

// loadedFixture has the keys of the directory in PLIMSOLL_TUNED_KEYS, for measurements of real shapes.
func loadedFixture(tb testing.TB) *fixture {
	directory := os.Getenv("PLIMSOLL_TUNED_KEYS")
	if directory == "" {
		tb.Skip("PLIMSOLL_TUNED_KEYS names no key directory")
	}
	id, err := hex.DecodeString(filepath.Base(directory))
	if err != nil {
		tb.Fatal(err)
	}
	loaded, err := keys.Load(directory, [32]byte(id), true)
	if err != nil {
		tb.Fatal(err)
	}
	f := &fixture{circuit: loaded.Circuit, system: loaded.Circuit.ConstraintSystem().(*cs.R1CS), pk: loaded.Proving, vk: loaded.Verifying}
	f.prover, err = Open(filepath.Join(os.TempDir(), filepath.Base(directory)+".bundle"), loaded.CircuitID,
		func() (*Source, error) { return &Source{f.system, f.pk, InputsOf(f.circuit)}, nil }, func(err error) { tb.Log(err) })
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// solventInput draws inputs of a loaded circuit until they satisfy it.
func solventInput(tb testing.TB, c *circuits.Circuit, random *mathrand.Rand) fr.Vector {
	layout := layoutOf(c.Layout())
	var coefficients, holdings []int64
	for _, r := range layout.coefficients {
		span := min(uint64(r.max-r.min), 1<<32)
		coefficients = append(coefficients, r.min+int64(random.Uint64N(span+1)))
		if r.min < 0 {
			coefficients[len(coefficients)-1] = int64(random.Uint64N(1<<20)) % (r.max + 1)
		}
	}
	for attempt := range 8 {
		holdings = holdings[:0]
		for i, r := range layout.holdings {
			switch {
			case i == len(layout.holdings)-1:
				holdings = append(holdings, r.max)
			case r.min < 0:
				holdings = append(holdings, int64(random.Uint64N(1<<(20-2*attempt)))-1<<(19-2*attempt))
			default:
				holdings = append(holdings, int64(random.Uint64N(1<<(20-2*attempt))))
			}
		}
		var blinding [32]byte
		blinding[30] = 5
		v, err := c.PublicVector([16]byte{7}, 1, 1, coefficients, holdings, blinding)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := c.Solve(v); err == nil {
			return v
		}
	}
	tb.Fatal("no solvent inputs found")
	return nil
}

type bounds struct{ min, max int64 }

type layout struct{ coefficients, holdings []bounds }

// layoutOf reads docs/formats.md's layout.
func layoutOf(data []byte) (l layout) {
	field := func() []byte {
		n := int(data[0])<<24 | int(data[1])<<16 | int(data[2])<<8 | int(data[3])
		f := data[4 : 4+n]
		data = data[4+n:]
		return f
	}
	number := func() (v int64) {
		for _, b := range field() {
			v = v<<8 | int64(b)
		}
		return v
	}
	field()
	attesters := number()
	for _, list := range []*[]bounds{&l.coefficients, &l.holdings} {
		for range number() {
			count, min, max := number(), number(), number()
			for range count {
				*list = append(*list, bounds{min, max})
			}
		}
	}
	for i := range l.holdings {
		l.holdings[i].min *= attesters
		l.holdings[i].max *= attesters
	}
	return l
}
