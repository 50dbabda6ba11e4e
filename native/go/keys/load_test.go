package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"

	"plimsoll.io/circuits/canonical"
	"plimsoll.io/native/internal/testmodel"
)

// made are good keys of the test model, in memory.
type made struct {
	files    map[string][]byte
	manifest Manifest
	id       [32]byte
}

var good = sync.OnceValues(func() (*made, error) {
	root, err := os.MkdirTemp("", "plimsoll-keys-test")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	id, err := Generate(testmodel.Bytes(), root, nil)
	if err != nil {
		return nil, err
	}
	m := &made{files: map[string][]byte{}, id: id}
	directory := filepath.Join(root, hex.EncodeToString(id[:]))
	for _, name := range []string{ModelFile, ConstraintSystemFile, ProvingKeyFile, VerifyingKeyFile, ManifestFile} {
		if m.files[name], err = os.ReadFile(filepath.Join(directory, name)); err != nil {
			return nil, err
		}
	}
	manifest, err := decodeManifest(m.files[ManifestFile])
	if err != nil {
		return nil, err
	}
	m.manifest = *manifest
	return m, nil
})

// copyOfGood may be changed.
func copyOfGood(t *testing.T) *made {
	t.Helper()
	g, err := good()
	if err != nil {
		t.Fatal(err)
	}
	c := &made{files: map[string][]byte{}, manifest: g.manifest, id: g.id}
	for name, data := range g.files {
		c.files[name] = bytes.Clone(data)
	}
	return c
}

// write puts the files as they are, manifest included.
func (m *made) write(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	for name, data := range m.files {
		if err := os.WriteFile(filepath.Join(directory, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// seal makes circuit id and manifest agree with the files: what somebody who crafts keys would do.
func (m *made) seal(t *testing.T) *made {
	t.Helper()
	verifying, err := decodeVerifyingFile(m.files[VerifyingKeyFile])
	if err != nil {
		t.Fatal(err)
	}
	m.id = canonical.CircuitID(verifying.modelDigest, sha256.Sum256(verifying.layout),
		verifying.constraintSystemDigest, sha256.Sum256(verifying.key), verifying.setup)
	m.manifest.CircuitID = hex.EncodeToString(m.id[:])
	m.manifest.Setup = verifying.setup
	return m.sealFiles(t)
}

// sealFiles makes only the manifest's digests agree.
func (m *made) sealFiles(t *testing.T) *made {
	t.Helper()
	m.manifest.Files = map[string]string{}
	for _, name := range []string{ModelFile, ConstraintSystemFile, ProvingKeyFile, VerifyingKeyFile} {
		digest := sha256.Sum256(m.files[name])
		m.manifest.Files[name] = hex.EncodeToString(digest[:])
	}
	return m.sealManifest(t)
}

func (m *made) sealManifest(t *testing.T) *made {
	t.Helper()
	data, err := m.manifest.encode()
	if err != nil {
		t.Fatal(err)
	}
	m.files[ManifestFile] = data
	return m
}

func (m *made) changeVerifyingFile(t *testing.T, change func(*verifyingFile)) {
	t.Helper()
	verifying, err := decodeVerifyingFile(m.files[VerifyingKeyFile])
	if err != nil {
		t.Fatal(err)
	}
	verifying.key = bytes.Clone(verifying.key)
	change(verifying)
	m.files[VerifyingKeyFile] = verifying.encode()
}

func (m *made) provingKey(t *testing.T) *groth16.ProvingKey {
	t.Helper()
	pk := new(groth16.ProvingKey)
	if err := pk.ReadDump(bytes.NewReader(m.files[ProvingKeyFile])); err != nil {
		t.Fatal(err)
	}
	return pk
}

func (m *made) changeProvingKey(t *testing.T, change func(*groth16.ProvingKey)) {
	t.Helper()
	pk := m.provingKey(t)
	change(pk)
	var dump bytes.Buffer
	if err := pk.WriteDump(&dump); err != nil {
		t.Fatal(err)
	}
	m.files[ProvingKeyFile] = dump.Bytes()
}

func refuses(t *testing.T, m *made, reason string) {
	t.Helper()
	_, err := Load(m.write(t), m.id, true)
	var refused *RejectedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), reason) {
		t.Errorf("error %v instead of a refusal with %q", err, reason)
	}
}

func TestGoodKeysLoad(t *testing.T) {
	m := copyOfGood(t)
	loaded, err := Load(m.write(t), m.id, true)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.CircuitID != m.id || loaded.Setup != DevelopmentSetup {
		t.Errorf("loaded %x, %s", loaded.CircuitID, loaded.Setup)
	}
	// The helper that the other tests use must not be what makes loading fail.
	if _, err := Load(m.seal(t).write(t), m.id, true); err != nil {
		t.Error(err)
	}
}

func TestDevelopmentKeysNeedAPolicyThatAllowsThem(t *testing.T) {
	m := copyOfGood(t)
	_, err := Load(m.write(t), m.id, false)
	var refused *RejectedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "development keys") {
		t.Errorf("error %v", err)
	}
}

func TestEveryFlippedByteIsFoundByItsFilesDigest(t *testing.T) {
	for _, name := range []string{ModelFile, ConstraintSystemFile, ProvingKeyFile, VerifyingKeyFile} {
		size := len(copyOfGood(t).files[name])
		for _, at := range []int{0, size / 2, size - 1} {
			m := copyOfGood(t)
			m.files[name][at] ^= 1
			refuses(t, m, name+" has the SHA-256")
		}
		m := copyOfGood(t)
		m.files[name] = m.files[name][:size-1]
		refuses(t, m, name+" has the SHA-256")
		m = copyOfGood(t)
		m.files[name] = append(m.files[name], 0)
		refuses(t, m, name+" has the SHA-256")
		m = copyOfGood(t)
		m.files[name] = nil
		refuses(t, m, name+" has the SHA-256")
	}
}

func TestMissingFilesAreErrorsOfTheFileSystem(t *testing.T) {
	for _, name := range []string{ModelFile, ConstraintSystemFile, ProvingKeyFile, VerifyingKeyFile, ManifestFile} {
		m := copyOfGood(t)
		delete(m.files, name)
		if _, err := Load(m.write(t), m.id, true); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestDirectoryInPlaceOfAFileIsRefused(t *testing.T) {
	m := copyOfGood(t)
	delete(m.files, ProvingKeyFile)
	directory := m.write(t)
	if err := os.Mkdir(filepath.Join(directory, ProvingKeyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(directory, m.id, true); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("error %v", err)
	}
}

func TestMalformedManifestsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*made)
		reason string
	}{
		"empty":           {func(m *made) { m.files[ManifestFile] = nil }, "not a manifest"},
		"no JSON":         {func(m *made) { m.files[ManifestFile] = []byte("keys") }, "not a manifest"},
		"unknown field":   {func(m *made) { m.files[ManifestFile] = []byte(`{"circuit":1}`) }, "not a manifest"},
		"trailing bytes":  {func(m *made) { m.files[ManifestFile] = append(m.files[ManifestFile], '1') }, "bytes follow"},
		"another circuit": {func(m *made) { m.manifest.CircuitID = strings.Repeat("0", 64); m.sealManifest(t) }, "is for circuit"},
		"no digest": {func(m *made) {
			m.manifest.Files = map[string]string{ModelFile: m.manifest.Files[ModelFile]}
			m.sealManifest(t)
		}, "no SHA-256 of " + ConstraintSystemFile},
		"short digest": {func(m *made) {
			m.manifest.Files = map[string]string{ModelFile: "00"}
			m.sealManifest(t)
		}, "no SHA-256 of " + ModelFile},
		"another setup": {func(m *made) { m.manifest.Setup = "ceremony:00"; m.sealManifest(t) }, "different setups"},
		"too large": {func(m *made) {
			m.files[ManifestFile] = bytes.Repeat([]byte{' '}, maxManifestBytes+1)
		}, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			c.change(m)
			refuses(t, m, c.reason)
		})
	}
}

func TestAnotherCircuitIdIsRefused(t *testing.T) {
	m := copyOfGood(t)
	m.id[31] ^= 1
	refuses(t, m, "is for circuit")
}

// A manifest that agrees with changed files does not help: the caller's circuit id covers them.
func TestFilesThatMakeAnotherCircuitAreRefused(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *made){
		"model": func(_ *testing.T, m *made) { m.files[ModelFile][len(m.files[ModelFile])-1] ^= 1 },
		"constraint system": func(_ *testing.T, m *made) {
			m.files[ConstraintSystemFile] = append(m.files[ConstraintSystemFile], 0)
		},
		"verifying key": func(t *testing.T, m *made) {
			m.changeVerifyingFile(t, func(f *verifyingFile) { f.key[len(f.key)-1] ^= 1 })
		},
		"layout": func(t *testing.T, m *made) {
			m.changeVerifyingFile(t, func(f *verifyingFile) { f.layout = append(bytes.Clone(f.layout), 0) })
		},
		"setup": func(t *testing.T, m *made) {
			m.changeVerifyingFile(t, func(f *verifyingFile) { f.setup = "ceremony:" + strings.Repeat("0", 64) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			change(t, m)
			refuses(t, m.sealFiles(t), "the files make circuit")
		})
	}
}

func TestDigestsInsideTheVerifyingKeyFileMustAgree(t *testing.T) {
	for _, change := range []func(*verifyingFile){
		func(f *verifyingFile) { f.modelDigest[0] ^= 1 },
		func(f *verifyingFile) { f.constraintSystemDigest[0] ^= 1 },
	} {
		m := copyOfGood(t)
		m.changeVerifyingFile(t, change)
		refuses(t, m.sealFiles(t), "is for another model or constraint system")
	}
}

func TestVerifyingKeyFileHasOneForm(t *testing.T) {
	original := copyOfGood(t).files[VerifyingKeyFile]
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"empty":          {nil, "first field"},
		"another tag":    {append([]byte{0, 0, 0, 1, 'x'}, original...), "first field"},
		"truncated":      {original[:len(original)-1], "truncated"},
		"trailing bytes": {append(bytes.Clone(original), 0), "follow the last field"},
		"long length":    {append(bytes.Clone(original[:len(verifyingKeyTag)+4]), 0xff, 0xff, 0xff, 0xff), "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			m.files[VerifyingKeyFile] = c.data
			refuses(t, m.sealFiles(t), c.reason)
		})
	}
}

func TestSetupIsDevelopmentOrACeremonysDigest(t *testing.T) {
	for _, setup := range []string{
		"Development", "development ", "development\n", "ceremony", "ceremony:", "ceremony:" + strings.Repeat("a", 63),
		"ceremony:" + strings.Repeat("a", 65), "ceremony:" + strings.Repeat("A", 64), "ceremony:" + strings.Repeat("a", 64) + "\n",
		"x ceremony:" + strings.Repeat("a", 64),
	} {
		m := copyOfGood(t)
		m.changeVerifyingFile(t, func(f *verifyingFile) {
			f.setup = setup
			m.id = canonical.CircuitID(f.modelDigest, sha256.Sum256(f.layout), f.constraintSystemDigest, sha256.Sum256(f.key), setup)
		})
		m.manifest.Setup = setup
		m.manifest.CircuitID = hex.EncodeToString(m.id[:])
		m.sealFiles(t)
		for _, allowDevelopment := range []bool{true, false} {
			_, err := Load(m.write(t), m.id, allowDevelopment)
			var refusal *RejectedError
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "the setup is") {
				t.Errorf("setup %q, development allowed %v: error %v", setup, allowDevelopment, err)
			}
		}
	}
}

func TestPipeInPlaceOfAFileIsRefusedAtOnce(t *testing.T) {
	m := copyOfGood(t)
	directory := m.write(t)
	model := filepath.Join(directory, ModelFile)
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(model, 0o600); err != nil {
		t.Skip(err)
	}
	_, err := Load(directory, m.id, true)
	var refusal *RejectedError
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("error %v", err)
	}
}

func TestConstraintSystemMustBeWhatTheModelCompilesTo(t *testing.T) {
	m := copyOfGood(t)
	m.files[ConstraintSystemFile] = append(m.files[ConstraintSystemFile], 0)
	m.changeVerifyingFile(t, func(f *verifyingFile) {
		f.constraintSystemDigest = sha256.Sum256(m.files[ConstraintSystemFile])
	})
	refuses(t, m.seal(t), "is not what this version compiles the model to")
}

func TestLayoutMustBeTheModels(t *testing.T) {
	m := copyOfGood(t)
	m.changeVerifyingFile(t, func(f *verifyingFile) { f.layout = append(bytes.Clone(f.layout), 0) })
	refuses(t, m.seal(t), "another layout")
}

func TestModelThatDoesNotParseIsRefused(t *testing.T) {
	m := copyOfGood(t)
	m.files[ModelFile] = append(m.files[ModelFile], 0xff)
	m.changeVerifyingFile(t, func(f *verifyingFile) { f.modelDigest = canonical.ModelDigest(m.files[ModelFile]) })
	refuses(t, m.seal(t), ModelFile+":")
}

// Offsets in the verifying key bytes.
const (
	alphaAt = 0
	betaAt  = alphaAt + g1Bytes
	gammaAt = betaAt + g2Bytes
	deltaAt = gammaAt + g2Bytes
	countAt = deltaAt + g2Bytes
	kAt     = countAt + 4
)

func TestCraftedVerifyingKeysAreRefused(t *testing.T) {
	_, _, g1, g2 := bn254.Generators()
	put1 := func(key []byte, at int, point bn254.G1Affine) {
		raw := point.RawBytes()
		copy(key[at:], raw[:])
	}
	put2 := func(key []byte, at int, point bn254.G2Affine) {
		raw := point.RawBytes()
		copy(key[at:], raw[:])
	}
	negated := func(point bn254.G2Affine) bn254.G2Affine {
		return *point.Neg(&point)
	}
	offCurve1 := g1
	offCurve1.Y.SetUint64(5)
	offCurve2 := g2
	offCurve2.Y.A0.SetUint64(5)
	for name, c := range map[string]struct {
		change func(key []byte) []byte
		reason string
	}{
		"infinite alpha":         {func(k []byte) []byte { clear(k[alphaAt:betaAt]); return k }, "alpha is the point at infinity"},
		"infinite beta":          {func(k []byte) []byte { clear(k[betaAt:gammaAt]); return k }, "beta is the point at infinity"},
		"infinite gamma":         {func(k []byte) []byte { clear(k[gammaAt:deltaAt]); return k }, "gamma is the point at infinity"},
		"infinite delta":         {func(k []byte) []byte { clear(k[deltaAt:countAt]); return k }, "delta is the point at infinity"},
		"infinite K[0]":          {func(k []byte) []byte { clear(k[kAt : kAt+g1Bytes]); return k }, "K[0] is the point at infinity"},
		"infinite last K":        {func(k []byte) []byte { clear(k[len(k)-g1Bytes:]); return k }, "is the point at infinity"},
		"flag of infinity":       {func(k []byte) []byte { clear(k[kAt : kAt+g1Bytes]); k[kAt] = 0x40; return k }, "not below p"},
		"flag of compression":    {func(k []byte) []byte { k[alphaAt] |= 0x80; return k }, "alpha has a coordinate that is not below p"},
		"coordinate p":           {func(k []byte) []byte { fp.Modulus().FillBytes(k[kAt : kAt+32]); return k }, "K[0] has a coordinate that is not below p"},
		"coordinate p in G2":     {func(k []byte) []byte { fp.Modulus().FillBytes(k[gammaAt+96 : gammaAt+128]); return k }, "gamma has a coordinate that is not below p"},
		"alpha off the curve":    {func(k []byte) []byte { put1(k, alphaAt, offCurve1); return k }, "alpha is not on the curve"},
		"K off the curve":        {func(k []byte) []byte { put1(k, kAt+g1Bytes, offCurve1); return k }, "K[1] is not on the curve"},
		"beta off the curve":     {func(k []byte) []byte { put2(k, betaAt, offCurve2); return k }, "beta is not on the curve"},
		"beta of order 10069":    {func(k []byte) []byte { put2(k, betaAt, smallOrder(t)); return k }, "beta is outside the subgroup"},
		"gamma of order 10069":   {func(k []byte) []byte { put2(k, gammaAt, smallOrder(t)); return k }, "gamma is outside the subgroup"},
		"delta of order 10069":   {func(k []byte) []byte { put2(k, deltaAt, smallOrder(t)); return k }, "delta is outside the subgroup"},
		"gamma of large order":   {func(k []byte) []byte { put2(k, gammaAt, twistPoint(t)); return k }, "gamma is outside the subgroup"},
		"gamma equal to delta":   {func(k []byte) []byte { copy(k[gammaAt:deltaAt], k[deltaAt:countAt]); return k }, "gamma equals delta"},
		"gamma equal to -delta":  {func(k []byte) []byte { put2(k, deltaAt, negated(point2(t, k[gammaAt:]))); return k }, "gamma equals delta"},
		"delta the generator":    {func(k []byte) []byte { put2(k, deltaAt, g2); return k }, "delta is the generator"},
		"delta the -generator":   {func(k []byte) []byte { put2(k, deltaAt, negated(g2)); return k }, "delta is the generator"},
		"a K too many":           {func(k []byte) []byte { return append(addCount(k, 1), k[kAt:kAt+g1Bytes]...) }, "points K; the model's layout asks for"},
		"a K too few":            {func(k []byte) []byte { return addCount(k, -1)[:len(k)-g1Bytes] }, "points K; the model's layout asks for"},
		"count beyond the bytes": {func(k []byte) []byte { return k[:len(k)-1] }, "take"},
		"trailing bytes":         {func(k []byte) []byte { return append(k, 0) }, "take"},
		"count 2^32 - 1":         {func(k []byte) []byte { binary.BigEndian.PutUint32(k[countAt:], 1<<32-1); return k }, "points K; the model's layout asks for"},
		"nothing":                {func([]byte) []byte { return nil }, "fixed part"},
		"another alpha":          {func(k []byte) []byte { put1(k, alphaAt, g1); return k }, "alpha differs"},
		"another beta":           {func(k []byte) []byte { put2(k, betaAt, g2); return k }, "beta differs"},
		"another delta":          {func(k []byte) []byte { put2(k, deltaAt, twice(g2)); return k }, "delta differs"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			m.changeVerifyingFile(t, func(f *verifyingFile) { f.key = c.change(f.key) })
			refuses(t, m.seal(t), c.reason)
		})
	}
}

func TestCraftedProvingKeysAreRefused(t *testing.T) {
	_, _, g1, g2 := bn254.Generators()
	offCurve1, offCurve2 := g1, g2
	offCurve1.Y.SetUint64(5)
	offCurve2.Y.A0.SetUint64(5)
	for name, c := range map[string]struct {
		change func(*groth16.ProvingKey)
		reason string
	}{
		"another alpha":          {func(pk *groth16.ProvingKey) { pk.G1.Alpha = g1 }, "alpha differs"},
		"infinite alpha":         {func(pk *groth16.ProvingKey) { pk.G1.Alpha = bn254.G1Affine{} }, "alpha in G1 is the point at infinity"},
		"beta of G1 differs":     {func(pk *groth16.ProvingKey) { pk.G1.Beta = g1 }, "beta differs between G1 and G2"},
		"delta of G1 differs":    {func(pk *groth16.ProvingKey) { pk.G1.Delta = pk.G1.Beta }, "delta differs between G1 and G2"},
		"delta of G1 generator":  {func(pk *groth16.ProvingKey) { pk.G1.Delta = g1 }, "delta is the generator of G1"},
		"delta of G1 -generator": {func(pk *groth16.ProvingKey) { pk.G1.Delta.Neg(&g1) }, "delta is the generator of G1"},
		"delta of G1 infinite":   {func(pk *groth16.ProvingKey) { pk.G1.Delta = bn254.G1Affine{} }, "delta in G1 is the point at infinity"},
		"beta of G1 off curve":   {func(pk *groth16.ProvingKey) { pk.G1.Beta = offCurve1 }, "beta in G1 is not on the curve"},
		"beta of G2 differs":     {func(pk *groth16.ProvingKey) { pk.G2.Beta = g2 }, "beta differs"},
		"delta of G2 differs":    {func(pk *groth16.ProvingKey) { pk.G2.Delta = twice(g2) }, "delta differs"},
		"A off the curve":        {func(pk *groth16.ProvingKey) { pk.G1.A[1] = offCurve1 }, "point 1 of A is not on the curve"},
		"B off the curve":        {func(pk *groth16.ProvingKey) { pk.G1.B[0] = offCurve1 }, "point 0 of B in G1 is not on the curve"},
		"Z off the curve":        {func(pk *groth16.ProvingKey) { pk.G1.Z[len(pk.G1.Z)-1] = offCurve1 }, "of Z is not on the curve"},
		"K off the curve":        {func(pk *groth16.ProvingKey) { pk.G1.K[2] = offCurve1 }, "point 2 of K is not on the curve"},
		"B of G2 off the curve":  {func(pk *groth16.ProvingKey) { pk.G2.B[0] = offCurve2 }, "point 0 of B in G2 is not on the curve"},
		"limbs above p": {func(pk *groth16.ProvingKey) {
			pk.G1.A[0].X = fp.Element{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		},
			"point 0 of A is not on the curve"},
		"a missing point of A": {func(pk *groth16.ProvingKey) { pk.G1.A = pk.G1.A[1:] }, "points A; the constraint system asks for"},
		"a missing point of B": {func(pk *groth16.ProvingKey) { pk.G1.B = pk.G1.B[1:] }, "points B in G1; the constraint system asks for"},
		"a missing point of Z": {func(pk *groth16.ProvingKey) { pk.G1.Z = pk.G1.Z[1:] }, "points Z; the constraint system asks for"},
		"a missing point of K": {func(pk *groth16.ProvingKey) { pk.G1.K = pk.G1.K[1:] }, "points K; the constraint system asks for"},
		"a missing point of G2": {func(pk *groth16.ProvingKey) { pk.G2.B = pk.G2.B[1:] },
			"points B in G2; the constraint system asks for"},
		"a wire too many": {func(pk *groth16.ProvingKey) { pk.InfinityA = append(pk.InfinityA, true) }, "wires; the constraint system has"},
		"a wrong number of infinite points": {func(pk *groth16.ProvingKey) { pk.NbInfinityA++ },
			"do not have the stated number"},
		"an impossible number of infinite points": {func(pk *groth16.ProvingKey) { pk.NbInfinityB = 1 << 63 },
			"do not have the stated number"},
		"another domain": {func(pk *groth16.ProvingKey) { pk.Domain.Cardinality *= 2 }, "FFT domain"},
		"a huge domain":  {func(pk *groth16.ProvingKey) { pk.Domain.Cardinality = 1 << 62 }, "FFT domain"},
		"another generator": {func(pk *groth16.ProvingKey) { pk.Domain.Generator.Double(&pk.Domain.Generator) },
			"FFT domain"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			m.changeProvingKey(t, c.change)
			refuses(t, m.sealFiles(t), c.reason)
		})
	}
}

func TestProvingKeyDumpHasOneForm(t *testing.T) {
	original := copyOfGood(t).files[ProvingKeyFile]
	pk := copyOfGood(t).provingKey(t)
	const marker, domain = 8, 8 + 5*fr.Bytes + 1
	wiresAt := marker + domain + 3*g1Bytes + 2*g2Bytes
	commitmentsAt := wiresAt + 3*8 + 2*len(pk.InfinityA)
	lengthOfA := commitmentsAt + 4
	changed := func(change func([]byte)) []byte {
		data := bytes.Clone(original)
		change(data)
		return data
	}
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"empty":             {nil, "not from this kind of machine"},
		"only a marker":     {original[:marker], "not from this kind of machine"},
		"another marker":    {changed(func(d []byte) { d[0] ^= 1 }), "not from this kind of machine"},
		"truncated":         {original[:len(original)-1], "truncated"},
		"truncated in K":    {original[:len(original)/2], "constraint system asks for"},
		"trailing bytes":    {append(bytes.Clone(original), 0), "follow its end"},
		"commitment keys":   {changed(func(d []byte) { d[commitmentsAt+3] = 1 }), "commitment keys"},
		"mark no boolean":   {changed(func(d []byte) { d[wiresAt+3*8] = 2 }), "do not have the stated number"},
		"2^64 - 1 wires":    {changed(func(d []byte) { copy(d[wiresAt:], bytes.Repeat([]byte{0xff}, 8)) }), "wires; the constraint system has"},
		"2^64 - 1 points A": {changed(func(d []byte) { copy(d[lengthOfA:], bytes.Repeat([]byte{0xff}, 8)) }), "points A; the constraint system asks for"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOfGood(t)
			m.files[ProvingKeyFile] = c.data
			refuses(t, m.sealFiles(t), c.reason)
		})
	}
}

func addCount(key []byte, n int) []byte {
	count := binary.BigEndian.Uint32(key[countAt:])
	binary.BigEndian.PutUint32(key[countAt:], uint32(int(count)+n))
	return key
}

func point2(t *testing.T, data []byte) (point bn254.G2Affine) {
	t.Helper()
	if err := decodeG2(&point, data[:g2Bytes], "point"); err != nil {
		t.Fatal(err)
	}
	return point
}

func twice(point bn254.G2Affine) bn254.G2Affine {
	var sum bn254.G2Affine
	sum.Add(&point, &point)
	return sum
}

// twistPoint is on the twist, and outside of G2.
func twistPoint(t *testing.T) bn254.G2Affine {
	t.Helper()
	_, _, _, g2 := bn254.Generators()
	// b of the twist, from the generator.
	b := g2.Y
	b.Square(&b)
	cube := g2.X
	cube.Square(&cube).Mul(&cube, &g2.X)
	b.Sub(&b, &cube)
	for x := uint64(1); ; x++ {
		var point bn254.G2Affine
		point.X.A0.SetUint64(x)
		right := point.X
		right.Square(&right).Mul(&right, &point.X).Add(&right, &b)
		if right.Legendre() != 1 {
			continue
		}
		point.Y.Sqrt(&right)
		if point.IsOnCurve() && !point.IsInSubGroup() {
			return point
		}
	}
}

// smallOrder has order 10069, which divides the cofactor 2p - r of the twist.
func smallOrder(t *testing.T) bn254.G2Affine {
	t.Helper()
	const order = 10069
	scalar := new(big.Int).Lsh(fp.Modulus(), 1)
	scalar.Sub(scalar, fr.Modulus())
	if new(big.Int).Mod(scalar, big.NewInt(order)).Sign() != 0 {
		t.Fatal("10069 does not divide the cofactor")
	}
	scalar.Div(scalar, big.NewInt(order)).Mul(scalar, fr.Modulus())
	start := twistPoint(t)
	point := multiply(start, scalar)
	if point.IsInfinity() || !point.IsOnCurve() {
		t.Fatal("no point of small order")
	}
	if end := multiply(point, big.NewInt(order)); !end.IsInfinity() {
		t.Fatal("the order is not 10069")
	}
	return point
}

// multiply does not reduce the scalar modulo r, as gnark's own method may.
func multiply(point bn254.G2Affine, scalar *big.Int) bn254.G2Affine {
	var sum bn254.G2Jac
	for i := scalar.BitLen() - 1; i >= 0; i-- {
		sum.DoubleAssign()
		if scalar.Bit(i) == 1 {
			sum.AddMixed(&point)
		}
	}
	var affine bn254.G2Affine
	return *affine.FromJacobian(&sum)
}
