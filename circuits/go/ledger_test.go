package circuits

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	groth16_bn254 "github.com/consensys/gnark/backend/groth16/bn254"
)

var update = flag.Bool("update", false, "rewrite testdata/ledger.tsv and the shared vectors")

// TestLedgerHasTheCostOfTheTestPortfolios shows in review what a change of the compiler costs. The ledger of the models that
// are shipped is kept where those are built; this one is the compiler's own. Update it with: go test -run Ledger -update .
func TestLedgerHasTheCostOfTheTestPortfolios(t *testing.T) {
	const path = "testdata/ledger.tsv"
	var ledger strings.Builder
	fmt.Fprintln(&ledger, "instruments\tscenarios\tcollaterals\ttiers\tconstraints\twires\tpublic\tfft\tdecompositions\tbits\tkernel\tverifying key bytes\tproving key bytes\tdigest of the constraint system")
	for _, shape := range [][4]int{{3, 2, 1, 2}, {16, 8, 2, 3}, {64, 16, 8, 4}, {128, 33, 8, 4}} {
		c := portfolioGraph(shape[0], shape[1], shape[2], shape[3]).circuit(t)
		report, err := CheckKernel(c.ConstraintSystem())
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.New() // a change means other circuit ids
		if _, err := c.ConstraintSystem().WriteTo(digest); err != nil {
			t.Fatal(err)
		}
		s := c.Stats()
		bits := 0
		for _, d := range s.Decompositions {
			bits += int(d.Bits)
		}
		fmt.Fprintf(&ledger, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%x\n", shape[0], shape[1], shape[2], shape[3], s.Constraints, s.Wires,
			s.PublicInputs, s.FFTSize, len(s.Decompositions), bits, report.Dimension, s.VerifyingKeyBytes, s.ProvingKeyBytes, digest.Sum(nil)[:8])
	}
	if *update {
		if err := os.WriteFile(path, []byte(ledger.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := ledger.String(); got != string(want) {
		t.Errorf("costs have changed; when that is meant, update the ledger.\ngot:\n%s\nledger:\n%s", got, want)
	}
}

func TestKeySizesAreThoseOfGnarksKeys(t *testing.T) {
	c := portfolioGraph(3, 2, 1, 2).circuit(t)
	k := setup(t, c.system)
	vk := k.vk.(*groth16_bn254.VerifyingKey)
	s := c.Stats()
	if got, want := s.VerifyingKeyBytes, 64+3*128+4+64*len(vk.G1.K); got != want {
		t.Errorf("verifying key: %d bytes, gnark has %d", got, want)
	}
	g1 := 3 + len(k.pk.G1.A) + len(k.pk.G1.B) + len(k.pk.G1.Z) + len(k.pk.G1.K)
	if got, want := s.ProvingKeyBytes, 64*g1+128*(2+len(k.pk.G2.B)); got != want {
		t.Errorf("proving key: %d bytes, gnark has %d", got, want)
	}
	for i, p := range vk.G1.K {
		if p.IsInfinity() {
			t.Errorf("K[%d] is infinite", i)
		}
	}
}
