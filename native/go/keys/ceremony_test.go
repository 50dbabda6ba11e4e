package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"plimsoll.io/circuits/canonical"
)

// ceremonyMaker makes the record of a ceremony that may break any rule.
type ceremonyMaker struct {
	model, system, key [32]byte
	rule               string
	identities         [2][]byte
	beacons            [2][]byte
	misplaced          [2]int
	repeatsState       bool
}

func newCeremony(t *testing.T, m *made) *ceremonyMaker {
	verifying, err := decodeVerifyingFile(m.files[VerifyingKeyFile])
	if err != nil {
		t.Fatal(err)
	}
	return &ceremonyMaker{
		model: verifying.modelDigest, system: verifying.constraintSystemDigest, key: sha256.Sum256(verifying.key),
		rule:       "drand rounds 5,000,000 and 5,010,000",
		identities: [2][]byte{{1, 2, 3}, {4, 5, 1}},
		beacons:    [2][]byte{bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)},
	}
}

func (c *ceremonyMaker) make() []byte {
	out := canonical.NewWriter(ceremonyTag).Digest(c.model).Digest(c.system).Text(c.rule)
	var previous [32]byte
	for phase := range 2 {
		out.U32(uint32(len(c.identities[phase])))
		for i, seed := range c.identities[phase] {
			secret := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
			state := sha256.Sum256([]byte{byte(phase), byte(i)})
			if c.repeatsState && i == 1 {
				state = previous
			}
			place := i + 1
			if c.misplaced == [2]int{phase + 1, i + 1} {
				place++
			}
			signed := canonical.NewWriter(ceremonyContributionTag).Digest(c.model).Digest(c.system).Text(c.rule).
				Bytes([]byte{byte(phase + 1)}).U32(uint32(place)).Digest(previous).Digest(state).Message()
			out.Bytes(secret.Public().(ed25519.PublicKey)).Digest(state).Bytes(ed25519.Sign(secret, signed))
			previous = state
		}
		out.Bytes(c.beacons[phase])
		previous = canonical.NewWriter(ceremonySealedTag).Digest(previous).Bytes(c.beacons[phase]).Sum()
	}
	return out.Digest(c.key).Message()
}

// withCeremony are the keys as if they came from the ceremony of that record.
func withCeremony(t *testing.T, record []byte) *made {
	m := copyOfGood(t)
	digest := sha256.Sum256(record)
	m.changeVerifyingFile(t, func(f *verifyingFile) { f.setup = "ceremony:" + hex.EncodeToString(digest[:]) })
	m.files[CeremonyFile] = record
	return m.seal(t)
}

func TestKeysOfACeremonyAreLoadedWithItsRecord(t *testing.T) {
	m := withCeremony(t, newCeremony(t, copyOfGood(t)).make())
	keys, err := Load(m.write(t), m.id, false)
	if err != nil {
		t.Fatal(err)
	}
	if keys.Setup == DevelopmentSetup {
		t.Fatal("the keys of a ceremony pass for development keys")
	}
}

func TestKeysOfACeremonyWithoutItsRecordAreRefused(t *testing.T) {
	m := withCeremony(t, newCeremony(t, copyOfGood(t)).make())
	directory := m.write(t)
	if err := os.Remove(filepath.Join(directory, CeremonyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(directory, m.id, true); err == nil {
		t.Fatal("loaded")
	}
}

func TestBadCeremoniesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ceremonyMaker)
		reason string
	}{
		"no contribution to phase 1":    {func(c *ceremonyMaker) { c.identities[0] = nil }, "phase 1 has 0 contributions"},
		"no contribution to phase 2":    {func(c *ceremonyMaker) { c.identities[1] = nil }, "phase 2 has 0 contributions"},
		"two contributions to phase 1":  {func(c *ceremonyMaker) { c.identities[0] = []byte{1, 2} }, "phase 1 has 2 contributions"},
		"two contributions to phase 2":  {func(c *ceremonyMaker) { c.identities[1] = []byte{1, 2} }, "phase 2 has 2 contributions"},
		"one identity twice in phase 1": {func(c *ceremonyMaker) { c.identities[0] = []byte{1, 2, 1} }, "contributed before"},
		"one identity twice in phase 2": {func(c *ceremonyMaker) { c.identities[1] = []byte{4, 4, 1} }, "contributed before"},
		"empty beacon of phase 1":       {func(c *ceremonyMaker) { c.beacons[0] = nil }, "phase 1: the beacon has 0 bytes"},
		"empty beacon of phase 2":       {func(c *ceremonyMaker) { c.beacons[1] = nil }, "phase 2: the beacon has 0 bytes"},
		"zero beacon":                   {func(c *ceremonyMaker) { c.beacons[1] = make([]byte, 32) }, "all zero"},
		"one beacon for both phases":    {func(c *ceremonyMaker) { c.beacons[1] = c.beacons[0] }, "both phases"},
		"no beacon rule":                {func(c *ceremonyMaker) { c.rule = "" }, "beacon rule has 0 bytes"},
		"signature for another place":   {func(c *ceremonyMaker) { c.misplaced = [2]int{2, 3} }, "phase 2: contribution 3 is not signed"},
		"state that was there before":   {func(c *ceremonyMaker) { c.repeatsState = true }, "changed nothing"},
		"another model":                 {func(c *ceremonyMaker) { c.model[0] ^= 1 }, "of the model"},
		"another constraint system":     {func(c *ceremonyMaker) { c.system[0] ^= 1 }, "of the constraint system"},
		"another verifying key":         {func(c *ceremonyMaker) { c.key[0] ^= 1 }, "of the verifying key"},
	} {
		t.Run(name, func(t *testing.T) {
			maker := newCeremony(t, copyOfGood(t))
			c.change(maker)
			refuses(t, withCeremony(t, maker.make()), c.reason)
		})
	}
}

func TestChangedCeremonyRecordsAreRefused(t *testing.T) {
	record := newCeremony(t, copyOfGood(t)).make()
	m := withCeremony(t, record)
	m.files[CeremonyFile] = append(bytes.Clone(record), 0)
	refuses(t, m, "its SHA-256 is")
	for length := range len(record) {
		// The setup names the record as cut, so that its fields are what is refused.
		cut := record[:length]
		digest := sha256.Sum256(cut)
		verifying, err := decodeVerifyingFile(m.files[VerifyingKeyFile])
		if err != nil {
			t.Fatal(err)
		}
		verifying.setup = "ceremony:" + hex.EncodeToString(digest[:])
		if checkCeremony(cut, verifying) == nil {
			t.Fatalf("%d of %d bytes pass", length, len(record))
		}
	}
}
