package ceremony

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

const rule = "drand default network, rounds 5000000 and 5010000"

var beacons = [2][]byte{bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)}

func contributor(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// contribute makes what a contributor does with a directory of its own.
func contribute(t *testing.T, directory string, seed byte) {
	t.Helper()
	transcript, err := Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := transcript.Contribute(public(contributor(seed)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pending.Append(ed25519.Sign(contributor(seed), pending.Message())); err != nil {
		t.Fatal(err)
	}
}

func seal(t *testing.T, directory string, beacon []byte) *Transcript {
	t.Helper()
	transcript, err := Seal(directory, beacon)
	if err != nil {
		t.Fatal(err)
	}
	return transcript
}

// whole is a ceremony that has ended, made once; tests change copies of it.
var whole = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp("", "ceremony-")
})

var made sync.Once

func ended(t *testing.T) string {
	t.Helper()
	directory, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	made.Do(func() {
		if _, err := Begin(directory, testmodel.Bytes(), rule); err != nil {
			t.Fatal(err)
		}
		for phase, seeds := range [][]byte{{1, 2, 3}, {4, 5, 1}} {
			for _, seed := range seeds {
				contribute(t, directory, seed)
			}
			seal(t, directory, beacons[phase])
		}
	})
	return directory
}

func TestMain(m *testing.M) {
	code := m.Run()
	if directory, err := whole(); err == nil {
		os.RemoveAll(directory)
	}
	os.Exit(code)
}

// until is a copy of the ended ceremony's files up to the named one, which is left out.
func until(t *testing.T, stop string) string {
	t.Helper()
	directory := t.TempDir()
	for _, name := range []string{ModelFile, StartFile,
		contributionFile(1, 1), contributionFile(1, 2), contributionFile(1, 3), beaconFile(1),
		contributionFile(2, 1), contributionFile(2, 2), contributionFile(2, 3), beaconFile(2)} {
		if name == stop {
			return directory
		}
		copyFile(t, ended(t), name, directory, name)
	}
	if err := os.CopyFS(filepath.Join(directory, KeysDirectory), os.DirFS(filepath.Join(ended(t), KeysDirectory))); err != nil {
		t.Fatal(err)
	}
	return directory
}

func copyFile(t *testing.T, from, name, to, as string) {
	t.Helper()
	write(t, to, as, read(t, from, name))
}

func read(t *testing.T, directory, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(directory, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, directory, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(directory, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// refuses requires a rejection that has every one of the parts.
func refuses(t *testing.T, err error, parts ...string) {
	t.Helper()
	var rejection *RejectedError
	if !errors.As(err, &rejection) {
		t.Fatalf("error %v", err)
	}
	for _, part := range parts {
		if !strings.Contains(rejection.Reason, part) {
			t.Errorf("%q is not in: %s", part, rejection.Reason)
		}
	}
}

func verifyError(directory string) error {
	_, err := Verify(directory)
	return err
}

func TestKeysOfACeremonyProve(t *testing.T) {
	transcript, err := Verify(ended(t))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := keys.Load(transcript.Keys(), transcript.made.CircuitID, false)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(loaded.Setup, "ceremony:") || loaded.Manifest.Warning != "" {
		t.Errorf("manifest %+v", loaded.Manifest)
	}
	stock := prover.NewStock(loaded)
	for _, kind := range []prover.Kind{prover.KindStock, prover.KindTuned} {
		opened, err := prover.Open(kind, transcript.Keys(), transcript.made.CircuitID, false)
		if err != nil {
			t.Fatal(err)
		}
		// Equity 500 + 10 x 100 - 20 x 30 = 900 and requirement 10 x 50 + 20 x 20 = 900.
		in := &prover.Input{Context: [16]byte{1}, Numerator: 1, Denominator: 1,
			Coefficients: []int64{100, 30, 50, 20}, Holdings: []int64{10, -20, 500}, Blinding: [32]byte{31: 7}}
		proof, err := opened.Prove(in)
		if err != nil {
			t.Fatal(err)
		}
		vector, err := loaded.Circuit.Model().PublicVector(in.Context, 1, 1, in.Coefficients, in.Holdings, in.Blinding)
		if err != nil {
			t.Fatal(err)
		}
		var encoded []byte
		for i := range vector {
			element := vector[i].Bytes()
			encoded = append(encoded, element[:]...)
		}
		if accepted, err := stock.Verify(encoded, proof[:]); err != nil || !accepted {
			t.Errorf("prover %d: accepted %v, error %v", kind, accepted, err)
		}
		other := bytes.Clone(encoded)
		other[fr.Bytes-1] ^= 1
		if accepted, err := stock.Verify(other, proof[:]); err != nil || accepted {
			t.Errorf("prover %d: another context is accepted %v, error %v", kind, accepted, err)
		}
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryPrefixOfACeremonyIsOne(t *testing.T) {
	for _, stop := range []string{contributionFile(1, 1), contributionFile(1, 2), beaconFile(1), contributionFile(2, 1), beaconFile(2)} {
		transcript, err := Verify(until(t, stop))
		if err != nil {
			t.Errorf("without %s: %v", stop, err)
		} else if transcript.Keys() != "" {
			t.Errorf("without %s there are keys", stop)
		}
	}
}

func TestNothingIsReplaced(t *testing.T) {
	directory := until(t, contributionFile(1, 2))
	if _, err := Begin(directory, testmodel.Bytes(), rule); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second beginning: %v", err)
	}
	var pending [2]*Pending
	for i := range pending {
		transcript, err := Open(directory)
		if err != nil {
			t.Fatal(err)
		}
		if pending[i], err = transcript.Contribute(public(contributor(byte(20 + i)))); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []error{nil, fs.ErrExist} {
		_, err := pending[i].Append(ed25519.Sign(contributor(byte(20+i)), pending[i].Message()))
		if !errors.Is(err, want) {
			t.Errorf("contribution %d: %v", i, err)
		}
	}
	if _, err := Verify(directory); err != nil {
		t.Error(err)
	}
	if names, err := filepath.Glob(filepath.Join(directory, ".*")); err != nil || len(names) != 0 {
		t.Errorf("left behind: %v %v", names, err)
	}
}

func TestContributionsAreSignedByTheirIdentity(t *testing.T) {
	directory := until(t, contributionFile(1, 3))
	transcript, err := Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := transcript.Contribute(public(contributor(9)))
	if err != nil {
		t.Fatal(err)
	}
	var invalid *prover.InvalidInputError
	if _, err := pending.Append(ed25519.Sign(contributor(8), pending.Message())); !errors.As(err, &invalid) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Lstat(filepath.Join(directory, contributionFile(1, 3))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was written: %v", err)
	}
}

func TestOneIdentityContributesOncePerPhase(t *testing.T) {
	transcript, err := Open(until(t, contributionFile(1, 3)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = transcript.Contribute(public(contributor(2)))
	refuses(t, err, "contribution 2 to phase 1 already")
}

func TestAnEndedCeremonyTakesNoMore(t *testing.T) {
	transcript, err := Open(ended(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = transcript.Contribute(public(contributor(9)))
	refuses(t, err, "has ended")
	_, err = Seal(ended(t), beacons[1])
	refuses(t, err, "has ended")
}

func TestAnInterruptedEndIsMadeGood(t *testing.T) {
	directory := until(t, "")
	if err := os.RemoveAll(filepath.Join(directory, KeysDirectory)); err != nil {
		t.Fatal(err)
	}
	refuses(t, verifyError(directory), "there is no")
	_, err := Seal(directory, bytes.Repeat([]byte{9}, 32))
	refuses(t, err, "has ended")
	seal(t, directory, beacons[1])
	if err := verifyError(directory); err != nil {
		t.Error(err)
	}
}

func TestAPhaseEndsAfterThreeContributions(t *testing.T) {
	for stop, reason := range map[string]string{
		contributionFile(1, 1): "phase 1 has 0 contributions",
		contributionFile(1, 3): "phase 1 has 2 contributions",
		contributionFile(2, 3): "phase 2 has 2 contributions",
	} {
		directory := until(t, stop)
		_, err := Seal(directory, bytes.Repeat([]byte{9}, 32))
		refuses(t, err, reason)
	}
}

func TestABeaconIsABeacon(t *testing.T) {
	directory := until(t, beaconFile(1))
	for _, beacon := range [][]byte{nil, make([]byte, 32), make([]byte, 15), bytes.Repeat([]byte{1}, 15), bytes.Repeat([]byte{1}, 1025)} {
		var invalid *prover.InvalidInputError
		if _, err := Seal(directory, beacon); !errors.As(err, &invalid) {
			t.Errorf("%d bytes: %v", len(beacon), err)
		}
	}
	_, err := Seal(until(t, beaconFile(2)), beacons[0])
	refuses(t, err, "beacon of phase 1 again")
}

func TestARuleIsPrintableText(t *testing.T) {
	for _, bad := range []string{"", strings.Repeat("x", 257), "a\nb", "caf\u00e9"} {
		var invalid *prover.InvalidInputError
		if _, err := Begin(t.TempDir(), testmodel.Bytes(), bad); !errors.As(err, &invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
