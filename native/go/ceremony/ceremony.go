// Package ceremony holds the setup ceremony that production keys come from: gnark's mpcsetup (Bowe, Gabizon, Miers,
// https://eprint.iacr.org/2017/1050) as a directory of files that a coordinator and contributors hand around and that
// anybody verifies afterwards. docs/ceremony.md says who does what, docs/formats.md has the bytes.
//
// Whoever reads a directory checks all of it again, from the model on: nothing in it is taken on trust, and
// what no step of the protocol would have made is refused by its file. What a contributor draws is in memory alone.
package ceremony

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/consensys/gnark/backend/groth16/bn254/mpcsetup"

	groth16 "github.com/consensys/gnark/backend/groth16/bn254"

	"plimsoll.io/circuits/canonical"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

// Names in a ceremony's directory.
const (
	ModelFile     = "model.bin"
	StartFile     = "ceremony.start"
	KeysDirectory = "keys"
)

const (
	startTag        = "plimsoll/ceremony-start/v1"
	contributionTag = "plimsoll/ceremony-contribution-file/v1"
	beaconTag       = "plimsoll/ceremony-beacon/v1"
	maxStartBytes   = 1 << 10
	maxBeaconBytes  = 1 << 11
)

// RejectedError is a ceremony that is not what it has to be, or a step that it does not allow. Its text names the file, if the
// reason is in one.
type RejectedError struct{ Reason string }

func (e *RejectedError) Error() string { return "ceremony refused: " + e.Reason }

func rejected(format string, args ...any) error {
	return &RejectedError{fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return &prover.InvalidInputError{Reason: fmt.Sprintf(format, args...)}
}

// Transcript is a ceremony's directory as far as it has come, every step of it checked. It is not safe for concurrent use, and
// does not see what is added to the directory later.
type Transcript struct {
	directory  string
	prepared   *keys.Prepared
	model      [32]byte
	system     [32]byte
	shape      shape
	record     keys.CeremonyRecord
	signed     [2][][]byte
	phase      uint8    // open: 1 or 2; 3 when both have ended
	before     [32]byte // what the next contribution follows
	current    state
	commons    mpcsetup.SrsCommons
	evaluation mpcsetup.Phase2Evaluations
	made       *keys.Directory
}

// Begin starts the ceremony of a model in a directory, which is made if it is missing. The beacon rule says
// in 1 to 256 printable ASCII characters how both beacons will be taken; every contributor signs it.
//
// It returns a *keys.ModelError, a *prover.InvalidInputError, or an error of the file system: nothing is replaced.
func Begin(directory string, model []byte, beaconRule string) (*Transcript, error) {
	if err := checkRule(beaconRule); err != nil {
		return nil, invalid("%v", err)
	}
	prepared, err := keys.Prepare(model)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	start := canonical.NewWriter(startTag).Digest(prepared.Circuit.ModelDigest()).Digest(prepared.ConstraintSystemDigest()).
		U32(uint32(prepared.Circuit.Stats().FFTSize)).Text(beaconRule).Message()
	if err := writeNew(filepath.Join(directory, ModelFile), model); err != nil {
		return nil, err
	}
	if err := writeNew(filepath.Join(directory, StartFile), start); err != nil {
		return nil, err
	}
	return Open(directory)
}

// checkRule keeps to printable ASCII, which every reader of a record takes for text in normal form.
func checkRule(rule string) error {
	if len(rule) == 0 || len(rule) > keys.MaxTextBytes {
		return fmt.Errorf("the beacon rule has %d bytes, not 1 to %d", len(rule), keys.MaxTextBytes)
	}
	for i := range len(rule) {
		if rule[i] < ' ' || rule[i] > '~' {
			return fmt.Errorf("the beacon rule is not printable ASCII at byte %d", i)
		}
	}
	return nil
}

// Open reads a ceremony's directory and checks every step: the model and its constraints, the size and points of every state,
// that each follows from the one before and that its contributor knew what it was multiplied with, signatures, order, beacons,
// and for a ceremony that has ended the keys that follow. It does not look at the keys in the directory: Verify does.
//
// It returns a *RejectedError or an error of the file system.
func Open(directory string) (*Transcript, error) {
	if err := checkNames(directory); err != nil {
		return nil, err
	}
	t := &Transcript{directory: directory, phase: 1}
	start, err := t.readStart()
	if err != nil {
		return nil, err
	}
	t.current = firstPhase(t.shape, start)
	for t.phase <= 2 {
		for {
			more, err := t.readContribution()
			if err != nil {
				return nil, err
			}
			if !more {
				break
			}
		}
		beacon, err := t.readBeacon()
		if err != nil {
			return nil, err
		}
		if beacon == nil {
			break
		}
		if err := t.seal(beacon); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// readStart returns the digest of the start, which the first contribution has for its challenge's beginning.
func (t *Transcript) readStart() (digest [32]byte, err error) {
	data, err := readFile(t.directory, StartFile, 0, maxStartBytes)
	if err != nil {
		return digest, err
	}
	in := canonical.NewReader(data, startTag)
	model, system, size := in.Digest("model digest"), in.Digest("constraint system digest"), in.U32("FFT size")
	rule := string(in.Bytes("beacon rule", 1, keys.MaxTextBytes))
	if err := in.End(); err != nil {
		return digest, rejected("%s: %v", StartFile, err)
	}
	if err := checkRule(rule); err != nil {
		return digest, rejected("%s: %v", StartFile, err)
	}
	modelBytes, err := readFile(t.directory, ModelFile, 1, keys.MaxModelBytes)
	if err != nil {
		return digest, err
	}
	if got := canonical.ModelDigest(modelBytes); got != model {
		return digest, rejected("%s has the model digest %x; %s has %x", ModelFile, got, StartFile, model)
	}
	t.prepared, err = keys.Prepare(modelBytes)
	if err != nil {
		return digest, rejected("%s: %v", ModelFile, err)
	}
	if got := t.prepared.ConstraintSystemDigest(); got != system {
		return digest, rejected("%s has the constraint system digest %x; this version compiles the model to %x", StartFile, system, got)
	}
	if got := t.prepared.Circuit.Stats().FFTSize; int64(got) != int64(size) {
		return digest, rejected("%s has the FFT size %d; the model's is %d", StartFile, size, got)
	}
	t.model, t.system, t.shape = model, system, shapeOf(t.prepared)
	t.record.BeaconRule = rule
	return sha256.Sum256(data), nil
}

// place is that of the next contribution to the open phase.
func (t *Transcript) place() uint32 { return uint32(len(t.contributions())) + 1 }

func (t *Transcript) contributions() []keys.CeremonyContribution {
	return t.record.Phases[t.phase-1].Contributions
}

func contributionFile(phase uint8, place uint32) string {
	return fmt.Sprintf("phase%d-%04d.contribution", phase, place)
}

func beaconFile(phase uint8) string { return fmt.Sprintf("phase%d.beacon", phase) }

// readContribution reads the next contribution, if there is one.
func (t *Transcript) readContribution() (more bool, err error) {
	name, place := contributionFile(t.phase, t.place()), t.place()
	if place > keys.MostContributions {
		return false, nil
	}
	size := len(t.contributionBytes(place, [32]byte{}, make([]byte, ed25519.PublicKeySize), make([]byte, ed25519.SignatureSize), nil)) +
		t.shape.bytes(t.phase)
	data, err := readFile(t.directory, name, size, size)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	in := canonical.NewReader(data, contributionTag)
	inPhase, inPlace, before := in.U8("phase"), in.U32("place"), in.Digest("state before")
	identity := in.Bytes("identity", ed25519.PublicKeySize, ed25519.PublicKeySize)
	signature := in.Bytes("signature", ed25519.SignatureSize, ed25519.SignatureSize)
	encoded := in.Bytes("state", t.shape.bytes(t.phase), t.shape.bytes(t.phase))
	if err := in.End(); err != nil {
		return false, rejected("%s: %v", name, err)
	}
	after := sha256.Sum256(encoded)
	message := t.message(before, after)
	if inPhase != t.phase || inPlace != place {
		return false, rejected("%s is contribution %d to phase %d, not %d to phase %d", name, inPlace, inPhase, place, t.phase)
	}
	if err := t.checkNew(identity); err != nil {
		return false, rejected("%s: %v", name, err)
	}
	switch {
	case before != t.before:
		return false, rejected("%s follows the state %x, not %x", name, before, t.before)
	case !ed25519.Verify(identity, message, signature):
		return false, rejected("%s is not signed by %x for its place in this ceremony", name, identity)
	}
	if err := t.advance(encoded); err != nil {
		return false, rejected("%s: %v", name, err)
	}
	t.append(keys.CeremonyContribution{Identity: bytes.Clone(identity), State: after, Signature: bytes.Clone(signature)}, message)
	return true, nil
}

func (t *Transcript) append(c keys.CeremonyContribution, message []byte) {
	phase := &t.record.Phases[t.phase-1]
	phase.Contributions = append(phase.Contributions, c)
	t.signed[t.phase-1] = append(t.signed[t.phase-1], message)
	t.before = c.State
}

// advance makes the state that was encoded the current one, if it follows from it by a contribution.
func (t *Transcript) advance(encoded []byte) error {
	next, err := decodeState(t.shape, t.phase, encoded)
	if err != nil {
		return err
	}
	if err := checkFactors(t.shape, t.phase, encoded); err != nil {
		return err
	}
	if err := contained(func() error { return verifyStep(t.current, next) }); err != nil {
		return err
	}
	t.current = next
	return nil
}

func (t *Transcript) checkNew(identity []byte) error {
	if err := keys.CheckIdentity(identity); err != nil {
		return err
	}
	for i, c := range t.contributions() {
		if bytes.Equal(c.Identity, identity) {
			return fmt.Errorf("%x has made contribution %d to phase %d already", identity, i+1, t.phase)
		}
	}
	return nil
}

func (t *Transcript) message(before, after [32]byte) []byte {
	return keys.ContributionMessage(t.model, t.system, t.record.BeaconRule, t.phase, t.place(), before, after)
}

func (t *Transcript) contributionBytes(place uint32, before [32]byte, identity, signature, encoded []byte) []byte {
	return canonical.NewWriter(contributionTag).U8(t.phase).U32(place).Digest(before).
		Bytes(identity).Bytes(signature).Bytes(encoded).Message()
}

// readBeacon returns nil if the open phase has not ended.
func (t *Transcript) readBeacon() ([]byte, error) {
	name := beaconFile(t.phase)
	data, err := readFile(t.directory, name, 0, maxBeaconBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	in := canonical.NewReader(data, beaconTag)
	phase, last := in.U8("phase"), in.Digest("last state")
	beacon := in.Bytes("beacon", 0, keys.MostBeaconBytes)
	if err := in.End(); err != nil {
		return nil, rejected("%s: %v", name, err)
	}
	if phase != t.phase {
		return nil, rejected("%s is the beacon of phase %d", name, phase)
	}
	if last != t.before {
		return nil, rejected("%s follows the state %x, not %x", name, last, t.before)
	}
	if err := t.checkBeacon(beacon); err != nil {
		return nil, rejected("%s: %v", name, err)
	}
	return bytes.Clone(beacon), nil
}

func (t *Transcript) checkBeacon(beacon []byte) error {
	if n := len(t.contributions()); n < keys.LeastContributions {
		return fmt.Errorf("phase %d has %d contributions; it ends after %d by different identities at least",
			t.phase, n, keys.LeastContributions)
	}
	if err := keys.CheckBeacon(beacon); err != nil {
		return err
	}
	if t.phase == 2 && bytes.Equal(beacon, t.record.Phases[0].Beacon) {
		return errors.New("it is the beacon of phase 1 again")
	}
	return nil
}

// seal ends the open phase in memory with a beacon that has been checked.
func (t *Transcript) seal(beacon []byte) error {
	t.record.Phases[t.phase-1].Beacon = beacon
	t.before = keys.SealedState(t.before, beacon)
	t.phase++
	switch current := t.current.(type) {
	case *mpcsetup.Phase1:
		t.commons = current.Seal(beacon)
		second := new(mpcsetup.Phase2)
		t.evaluation = second.Initialize(t.prepared.System(), &t.commons)
		// Binds the proofs of knowledge in phase 2 to this ceremony, whatever its points.
		second.Challenge = bytes.Clone(t.before[:])
		t.current = second
	case *mpcsetup.Phase2:
		pk, vk := current.Seal(&t.commons, &t.evaluation, beacon)
		proving, isProving := pk.(*groth16.ProvingKey)
		verifying, isVerifying := vk.(*groth16.VerifyingKey)
		if !isProving || !isVerifying {
			return fmt.Errorf("gnark made a %T and a %T", pk, vk)
		}
		made, err := t.prepared.CeremonyDirectory(proving, verifying, &t.record)
		if err != nil {
			return err
		}
		t.made, t.current = made, nil
	}
	return nil
}

// checkNames refuses files that look like a part of a ceremony and that no step would read: a gap, or a phase before its time.
func checkNames(directory string) error {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "phase") {
			left[entry.Name()] = true
		}
	}
	for phase := uint8(1); phase <= 2; phase++ {
		place := uint32(1)
		for ; left[contributionFile(phase, place)]; place++ {
			delete(left, contributionFile(phase, place))
		}
		for _, name := range slices.Sorted(maps.Keys(left)) {
			if strings.HasPrefix(name, fmt.Sprintf("phase%d-", phase)) {
				return rejected("%s is out of order: %s comes first", name, contributionFile(phase, place))
			}
		}
		if !left[beaconFile(phase)] && len(left) > 0 {
			return rejected("%s is out of order: %s comes first", slices.Sorted(maps.Keys(left))[0], beaconFile(phase))
		}
		delete(left, beaconFile(phase))
	}
	for name := range left {
		return rejected("%s has no place in a ceremony", name)
	}
	return nil
}

// Pending is a contribution that has been made, and neither signed nor written.
type Pending struct {
	transcript *Transcript
	identity   []byte
	encoded    []byte
	after      [32]byte
}

// Contribute makes the next contribution to the open phase, with fresh numbers of the system's generator, which are forgotten when
// it returns. The identity is an Ed25519 public key. Nothing is written.
//
// It returns a *RejectedError if the ceremony has ended, or the identity has contributed to the phase.
func (t *Transcript) Contribute(identity []byte) (*Pending, error) {
	if t.phase > 2 {
		return nil, rejected("it has ended")
	}
	if t.place() > keys.MostContributions {
		return nil, rejected("phase %d has %d contributions, as many as there may be", t.phase, keys.MostContributions)
	}
	if err := t.checkNew(identity); err != nil {
		return nil, rejected("%v", err)
	}
	start, err := encodeState(t.current)
	if err != nil {
		return nil, err
	}
	// A state of its own: contributing changes it, and what it becomes is compared with what was before.
	next, err := decodeState(t.shape, t.phase, start)
	if err != nil {
		return nil, fmt.Errorf("reading the state back: %w", err)
	}
	next.Contribute()
	encoded, err := encodeState(next)
	if err != nil {
		return nil, err
	}
	// What others will check, in case this machine computes wrongly.
	if next, err = decodeState(t.shape, t.phase, encoded); err != nil {
		return nil, fmt.Errorf("the contribution: %w", err)
	}
	if err := verifyStep(t.current, next); err != nil {
		return nil, fmt.Errorf("the contribution: %w", err)
	}
	return &Pending{transcript: t, identity: bytes.Clone(identity), encoded: encoded, after: sha256.Sum256(encoded)}, nil
}

// Message is what the contributor has to sign.
func (p *Pending) Message() []byte { return p.transcript.message(p.transcript.before, p.after) }

// Append writes the contribution with its signature as the next file, and replaces none. It returns the transcript, which then
// includes it. A second call is an error.
//
// It returns a *prover.InvalidInputError if the identity did not sign the message, or an error of the file system.
func (p *Pending) Append(signature []byte) (*Transcript, error) {
	t, message := p.transcript, p.Message()
	if !ed25519.Verify(p.identity, message, signature) {
		return nil, invalid("signature: not by %x of the contribution", p.identity)
	}
	data := t.contributionBytes(t.place(), t.before, p.identity, signature, p.encoded)
	if err := writeNew(filepath.Join(t.directory, contributionFile(t.phase, t.place())), data); err != nil {
		return nil, err
	}
	if err := t.advance(p.encoded); err != nil {
		return nil, err
	}
	t.append(keys.CeremonyContribution{Identity: p.identity, State: p.after, Signature: bytes.Clone(signature)}, message)
	return t, nil
}

// Seal ends the open phase of a ceremony with a public random beacon. After phase 2 it writes the keys, with the tuned prover's
// bundle, below the directory's keys; should that have been interrupted, sealing with the same beacon again does it.
//
// It returns a *prover.InvalidInputError for a beacon that is none, a *RejectedError, or an error of the file system.
func Seal(directory string, beacon []byte) (*Transcript, error) {
	if err := keys.CheckBeacon(beacon); err != nil {
		return nil, invalid("%v", err)
	}
	t, err := Open(directory)
	if err != nil {
		return nil, err
	}
	if t.phase > 2 {
		if _, err := os.Lstat(t.Keys()); err == nil || !bytes.Equal(beacon, t.record.Phases[1].Beacon) {
			return nil, rejected("it has ended")
		}
		return t, t.writeKeys()
	}
	if err := t.checkBeacon(beacon); err != nil {
		return nil, rejected("%v", err)
	}
	phase := t.phase
	data := canonical.NewWriter(beaconTag).U8(phase).Digest(t.before).Bytes(beacon).Message()
	if err := t.seal(bytes.Clone(beacon)); err != nil {
		return nil, err
	}
	if err := writeNew(filepath.Join(directory, beaconFile(phase)), data); err != nil {
		return nil, err
	}
	if t.phase > 2 {
		return t, t.writeKeys()
	}
	return t, nil
}

func (t *Transcript) writeKeys() error {
	if err := t.made.Write(filepath.Join(t.directory, KeysDirectory)); err != nil {
		return err
	}
	return prover.MakeBundle(t.Keys(), t.made.CircuitID)
}

// Verify reads a ceremony's directory as Open does and compares the keys in it, if it has ended, with those that follow, and
// the prover's bundle, if it is there, with what is made from them.
func Verify(directory string) (*Transcript, error) {
	t, err := Open(directory)
	if err != nil {
		return nil, err
	}
	return t, t.verifyKeys()
}

func (t *Transcript) verifyKeys() error {
	entries, err := os.ReadDir(filepath.Join(t.directory, KeysDirectory))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if t.made == nil || entry.Name() != filepath.Base(t.Keys()) {
			return rejected("%s/%s: no keys of that name come from this ceremony so far", KeysDirectory, entry.Name())
		}
	}
	if t.made == nil {
		return nil
	}
	var different *keys.RejectedError
	if err := t.made.Compare(t.Keys()); errors.As(err, &different) {
		return rejected("%s/%x: %s", KeysDirectory, t.made.CircuitID, different.Reason)
	} else if err != nil {
		return err
	}
	return t.verifyBundle()
}

// verifyBundle makes the prover's bundle again, if there is one, and compares. It is no part of the keys, and no false proof comes of
// another one; but whoever was told that a directory is right should not have to know that.
func (t *Transcript) verifyBundle() error {
	bundle := filepath.Join(t.Keys(), prover.BundleFile)
	info, err := os.Lstat(bundle)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	root, err := os.MkdirTemp("", "ceremony-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := t.made.Write(root); err != nil {
		return err
	}
	again := filepath.Join(root, filepath.Base(t.Keys()))
	if err := prover.MakeBundle(again, t.made.CircuitID); err != nil {
		return err
	}
	want, err := os.ReadFile(filepath.Join(again, prover.BundleFile))
	if err != nil {
		return err
	}
	different := rejected("%s/%x: %s is not what is made from the keys; without it, provers make it themselves",
		KeysDirectory, t.made.CircuitID, prover.BundleFile)
	if info.Size() != int64(len(want)) {
		return different
	}
	got, err := readFile(t.Keys(), prover.BundleFile, len(want), len(want))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return different
	}
	return nil
}

// Keys is where the keys are, or nothing before the ceremony has ended.
func (t *Transcript) Keys() string {
	if t.made == nil {
		return ""
	}
	return filepath.Join(t.directory, KeysDirectory, fmt.Sprintf("%x", t.made.CircuitID))
}
