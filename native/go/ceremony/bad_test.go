package ceremony

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"plimsoll.io/circuits/canonical"
	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

// signedAs is a contribution file of a state, signed as its place asks for: what a contributor who keeps to the form and
// not to the protocol can make.
func signedAs(t *Transcript, seed byte, encoded []byte) (name string, data []byte) {
	key := contributor(seed)
	message := t.message(t.before, sha256.Sum256(encoded))
	return contributionFile(t.phase, t.place()),
		t.contributionBytes(t.place(), t.before, public(key), ed25519.Sign(key, message), encoded)
}

// stateIn is the state inside a contribution file.
func stateIn(t *testing.T, directory, name string) []byte {
	t.Helper()
	in := canonical.NewReader(read(t, directory, name), contributionTag)
	in.U8("phase")
	in.U32("place")
	in.Digest("before")
	in.Bytes("identity", 32, 32)
	in.Bytes("signature", 64, 64)
	encoded := in.Bytes("state", 0, 1<<30)
	if err := in.End(); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(encoded)
}

// changedAt replaces bytes.
func changedAt(data []byte, at int, by ...byte) []byte {
	out := bytes.Clone(data)
	copy(out[at:], by)
	return out
}

// offTheCurve is the compressed form of a point that there is not.
func offTheCurve() []byte {
	for x := byte(1); ; x++ {
		encoded := changedAt(make([]byte, g1Bytes), 0, 0x80)
		encoded[g1Bytes-1] = x
		if _, err := new(bn254.G1Affine).SetBytes(encoded); err != nil {
			return encoded
		}
	}
}

// next reads the next contribution, which a refusal leaves to be read again.
func next(t *Transcript) error {
	_, err := t.readContribution()
	return err
}

func TestContributionsThatAreNoneAreRefused(t *testing.T) {
	_, _, generator, _ := bn254.Generators()
	one := generator.Bytes()
	generator.Neg(&generator)
	minusOne := generator.Bytes()
	for _, phase := range []uint8{1, 2} {
		third := contributionFile(phase, 3)
		directory := until(t, third)
		before, good := stateIn(t, directory, contributionFile(phase, 2)), stateIn(t, ended(t), third)
		transcript, err := Open(directory)
		if err != nil {
			t.Fatal(err)
		}
		factor, challenge := transcript.shape.factors(phase)[0], len(good)-challengeBytes
		// Two points of one vector: powers of tau, or quotients of the private wires.
		points := 3*proofBytes + 8 + g2Bytes
		if phase == 2 {
			points = 2 + g1Bytes + 4
		}
		name, data := signedAs(transcript, 30, good)
		write(t, directory, name, data)
		if err := verifyError(directory); err != nil {
			t.Fatalf("phase %d: the good one: %v", phase, err)
		}
		for what, c := range map[string]struct {
			encoded []byte
			reason  string
		}{
			"the state before":            {before, "challenge does not match"},
			"a factor of one":             {changedAt(good, factor, one[:]...), "contributes nothing"},
			"a factor of minus one":       {changedAt(good, factor, minusOne[:]...), "contributes nothing"},
			"a factor of zero":            {changedAt(good, factor, append([]byte{0x40}, make([]byte, 31)...)...), "zero contribution"},
			"another factor":              {changedAt(good, factor, before[factor:factor+g1Bytes]...), "does not follow"},
			"another proof of knowledge":  {changedAt(good, factor+g1Bytes, before[factor+g1Bytes:factor+proofBytes]...), "does not follow"},
			"a point of another place":    {changedAt(good, points, good[points+g1Bytes:points+2*g1Bytes]...), "does not follow"},
			"a point of the state before": {changedAt(good, points, before[points:points+g1Bytes]...), "does not follow"},
			"a point off the curve":       {changedAt(good, points, offTheCurve()...), "not readable"},
			"a coordinate from p on":      {changedAt(good, points, bytes.Repeat([]byte{0xff}, g1Bytes)...), "not readable"},
			"no challenge":                {changedAt(good, challenge-1, 0), "the challenge has 0 bytes"},
			"another challenge":           {changedAt(good, challenge, before[challenge:]...), "challenge does not match"},
		} {
			name, data := signedAs(transcript, 30, c.encoded)
			write(t, directory, name, data)
			t.Run(what, func(t *testing.T) { refuses(t, next(transcript), name, c.reason) })
		}
		for what, encoded := range map[string][]byte{
			"cut off": good[:len(good)-1], "with a byte more": append(bytes.Clone(good), 0), "nothing": nil,
		} {
			name, data := signedAs(transcript, 30, encoded)
			write(t, directory, name, data)
			t.Run(what, func(t *testing.T) { refuses(t, next(transcript), name, "bytes") })
		}
		random := rand.New(rand.NewPCG(1, uint64(phase)))
		for range 30 {
			at, bit := random.IntN(len(good)), byte(1)<<random.IntN(8)
			name, data := signedAs(transcript, 30, changedAt(good, at, good[at]^bit))
			write(t, directory, name, data)
			refuses(t, next(transcript), name)
		}
	}
}

func TestLengthsInsideAStateAreThoseOfTheCircuit(t *testing.T) {
	transcript, err := Open(until(t, contributionFile(2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	first, second := stateIn(t, ended(t), contributionFile(1, 1)), stateIn(t, ended(t), contributionFile(2, 1))
	huge := []byte{0xff, 0xff, 0xff, 0xff}
	z := 2 + g1Bytes + 4 + transcript.shape.private*g1Bytes
	for _, c := range []struct {
		phase  uint8
		state  []byte
		reason string
	}{
		{1, changedAt(first, 3*proofBytes, huge...), "FFT size"},
		{2, changedAt(second, 0, huge[:2]...), "65535 commitments"},
		{2, changedAt(second, 2+g1Bytes, huge...), "private wires"},
		{2, changedAt(second, z, huge...), "powers"},
	} {
		if _, err := decodeState(transcript.shape, c.phase, c.state); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestFilesThatAreNotThisCeremonysAreRefused(t *testing.T) {
	otherRule := t.TempDir()
	if _, err := Begin(otherRule, testmodel.Bytes(), "another rule"); err != nil {
		t.Fatal(err)
	}
	contribute(t, otherRule, 1)
	otherModel := bytes.Replace(testmodel.Bytes(), []byte("equity"), []byte("Equity"), 1)
	if bytes.Equal(otherModel, testmodel.Bytes()) {
		t.Fatal("the model is the same")
	}
	change := func(name string, f func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, directory string) { write(t, directory, name, f(read(t, directory, name))) }
	}
	flip := func(at int) func([]byte) []byte {
		return func(data []byte) []byte {
			if at < 0 {
				return changedAt(data, len(data)+at, data[len(data)+at]^1)
			}
			return changedAt(data, at, data[at]^1)
		}
	}
	cut := func(data []byte) []byte { return data[:len(data)/2] }
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, directory string) {
			if err := os.Remove(filepath.Join(directory, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	swap := func(one, two string) func(*testing.T, string) {
		return func(t *testing.T, directory string) {
			copyFile(t, ended(t), one, directory, two)
			copyFile(t, ended(t), two, directory, one)
		}
	}
	beacon := func(phase uint8, last string, value []byte) func(*testing.T, string) {
		return func(t *testing.T, directory string) {
			state := sha256.Sum256(stateIn(t, directory, last))
			write(t, directory, beaconFile(phase), canonical.NewWriter(beaconTag).U8(phase).Digest(state).Bytes(value).Message())
		}
	}
	// Where the fields of a contribution file begin.
	signature := 4 + len(contributionTag) + 5 + 8 + 36 + 36 + 4
	for name, c := range map[string]struct {
		change func(*testing.T, string)
		parts  []string
	}{
		"truncated contribution":        {change(contributionFile(1, 2), cut), []string{contributionFile(1, 2), "bytes; in this ceremony it has"}},
		"truncated contribution 2":      {change(contributionFile(2, 3), cut), []string{contributionFile(2, 3), "bytes; in this ceremony it has"}},
		"truncated start":               {change(StartFile, cut), []string{StartFile, "ends inside"}},
		"truncated beacon":              {change(beaconFile(1), cut), []string{beaconFile(1), "ends inside"}},
		"signature of another":          {change(contributionFile(2, 1), flip(signature)), []string{contributionFile(2, 1), "is not signed by"}},
		"replaced state":                {change(contributionFile(1, 2), flip(-40)), []string{contributionFile(1, 2), "is not signed by"}},
		"two in the wrong order":        {swap(contributionFile(1, 2), contributionFile(1, 3)), []string{contributionFile(1, 2), "is contribution 3 to phase 1, not 2"}},
		"missing contribution":          {remove(contributionFile(1, 2)), []string{"phase1-0003.contribution is out of order", contributionFile(1, 2) + " comes first"}},
		"missing beacon":                {remove(beaconFile(1)), []string{"phase2-0001.contribution is out of order", beaconFile(1) + " comes first"}},
		"contribution after the beacon": {func(t *testing.T, d string) { copyFile(t, d, contributionFile(1, 3), d, contributionFile(1, 4)) }, []string{contributionFile(1, 4), "is contribution 3"}},
		"contribution after the end":    {func(t *testing.T, d string) { copyFile(t, d, contributionFile(2, 3), d, contributionFile(2, 5)) }, []string{contributionFile(2, 5), contributionFile(2, 4) + " comes first"}},
		"a third phase":                 {func(t *testing.T, d string) { copyFile(t, d, contributionFile(2, 3), d, contributionFile(3, 1)) }, []string{contributionFile(3, 1), "has no place"}},
		"contribution of another ceremony": {func(t *testing.T, d string) {
			copyFile(t, otherRule, contributionFile(1, 1), d, contributionFile(1, 1))
		},
			[]string{contributionFile(1, 1), "is not signed by"}},
		"start of another ceremony": {func(t *testing.T, d string) { copyFile(t, otherRule, StartFile, d, StartFile) },
			[]string{contributionFile(1, 1), "is not signed by"}},
		"another circuit's model":   {func(t *testing.T, d string) { write(t, d, ModelFile, otherModel) }, []string{ModelFile, "model digest"}},
		"no model":                  {func(t *testing.T, d string) { write(t, d, ModelFile, nil) }, []string{ModelFile, "0 bytes"}},
		"another constraint system": {change(StartFile, flip(4+len(startTag)+36+4)), []string{StartFile, "constraint system digest"}},
		"another FFT size":          {change(StartFile, flip(4+len(startTag)+36+36+7)), []string{StartFile, "FFT size"}},
		"another rule":              {change(StartFile, flip(-1)), []string{contributionFile(1, 1), "is not signed by"}},
		"a rule that is no text":    {change(StartFile, func(d []byte) []byte { return changedAt(d, len(d)-1, '\n') }), []string{StartFile, "printable"}},
		"another beacon":            {change(beaconFile(1), flip(-1)), []string{contributionFile(2, 1), "follows the state"}},
		"beacon of phase 2 changed": {change(beaconFile(2), flip(-1)), []string{"no keys of that name"}},
		"beacon of the other phase": {swap(beaconFile(1), beaconFile(2)), []string{beaconFile(1), "is the beacon of phase 2"}},
		"zero beacon":               {beacon(1, contributionFile(1, 3), make([]byte, 32)), []string{beaconFile(1), "all zero"}},
		"empty beacon":              {beacon(1, contributionFile(1, 3), nil), []string{beaconFile(1), "0 bytes"}},
		"one beacon twice":          {beacon(2, contributionFile(2, 3), beacons[0]), []string{beaconFile(2), "beacon of phase 1 again"}},
		"beacon after two": {func(t *testing.T, d string) {
			remove(contributionFile(1, 3))(t, d)
			beacon(1, contributionFile(1, 2), beacons[0])(t, d)
		}, []string{beaconFile(1), "phase 1 has 2 contributions"}},
	} {
		t.Run(name, func(t *testing.T) {
			directory := until(t, "")
			c.change(t, directory)
			refuses(t, verifyError(directory), c.parts...)
		})
	}
}

func TestAnIdentitySecondContributionIsRefused(t *testing.T) {
	directory := until(t, contributionFile(1, 3))
	transcript, err := Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	name, data := signedAs(transcript, 2, stateIn(t, ended(t), contributionFile(1, 3)))
	write(t, directory, name, data)
	refuses(t, verifyError(directory), name, "contribution 2 to phase 1 already")
}

func TestIdentitiesOfSmallOrderAreRefused(t *testing.T) {
	transcript, err := Open(until(t, contributionFile(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	p := append(append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)
	for reason, identity := range map[string][]byte{
		"small order":   make([]byte, 32),
		"small  order":  changedAt(make([]byte, 32), 0, 1),
		"small   order": changedAt(p, 0, 0xec),
		"not canonical": p,
		"31 bytes":      make([]byte, 31),
	} {
		_, err := transcript.Contribute(identity)
		refuses(t, err, strings.Join(strings.Fields(reason), " "))
	}
}

func TestChangedKeysAreRefused(t *testing.T) {
	for _, name := range []string{keys.ProvingKeyFile, keys.VerifyingKeyFile, keys.ConstraintSystemFile, keys.ModelFile,
		keys.CeremonyFile, keys.ManifestFile} {
		transcript, err := Open(until(t, ""))
		if err != nil {
			t.Fatal(err)
		}
		data := read(t, transcript.Keys(), name)
		write(t, transcript.Keys(), name, changedAt(data, len(data)/2, data[len(data)/2]^1))
		refuses(t, transcript.verifyKeys(), KeysDirectory, name+" has the SHA-256")
		write(t, transcript.Keys(), name, append(bytes.Clone(data), 0))
		refuses(t, transcript.verifyKeys(), KeysDirectory, name)
		if err := os.Remove(filepath.Join(transcript.Keys(), name)); err != nil {
			t.Fatal(err)
		}
		refuses(t, transcript.verifyKeys(), KeysDirectory, "there is no "+name)
	}
}

func TestABundleThatIsNotFromTheKeysIsRefused(t *testing.T) {
	transcript, err := Open(until(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	data := read(t, transcript.Keys(), prover.BundleFile)
	for _, changed := range [][]byte{changedAt(data, len(data)-65, data[len(data)-65]^1), append(bytes.Clone(data), 0), nil} {
		write(t, transcript.Keys(), prover.BundleFile, changed)
		refuses(t, transcript.verifyKeys(), prover.BundleFile)
	}
	if err := os.Remove(filepath.Join(transcript.Keys(), prover.BundleFile)); err != nil {
		t.Fatal(err)
	}
	if err := transcript.verifyKeys(); err != nil {
		t.Error(err)
	}
}

func TestKeysBeforeTheEndAreRefused(t *testing.T) {
	directory := until(t, beaconFile(2))
	if err := os.MkdirAll(filepath.Join(directory, KeysDirectory, "00"), 0o700); err != nil {
		t.Fatal(err)
	}
	refuses(t, verifyError(directory), "no keys of that name")
}

func TestADirectoryWithoutACeremonyIsNone(t *testing.T) {
	if err := verifyError(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
