package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"plimsoll.io/circuits/canonical"
)

// CeremonyFile is the record of the ceremony that keys come from; development keys have none.
const CeremonyFile = "ceremony.record"

// Bounds of a ceremony (docs/formats.md).
const (
	LeastContributions = 3
	MostContributions  = 1024
	LeastBeaconBytes   = 16
	MostBeaconBytes    = 1024
	MaxTextBytes       = 256
)

const (
	ceremonyTag             = "plimsoll/ceremony/v1"
	ceremonyContributionTag = "plimsoll/ceremony-contribution/v1"
	ceremonySealedTag       = "plimsoll/ceremony-sealed/v1"
	maxCeremonyBytes        = 1 << 19
)

// CeremonyRecord is what a ceremony leaves behind about who took part.
type CeremonyRecord struct {
	// BeaconRule says how both beacons are taken.
	BeaconRule string
	Phases     [2]CeremonyPhase
}

// CeremonyPhase is one of the two phases: its contributions in their order, and the beacon that ended it.
type CeremonyPhase struct {
	Contributions []CeremonyContribution
	Beacon        []byte
}

// CeremonyContribution is who signed which state.
type CeremonyContribution struct {
	// Identity is an Ed25519 public key.
	Identity []byte
	// State is the SHA-256 of what gnark's mpcsetup writes of the phase after the contribution.
	State     [32]byte
	Signature []byte
}

// encode writes the record of keys whose verifying key has that digest.
func (r *CeremonyRecord) encode(model, system, key [32]byte) []byte {
	out := canonical.NewWriter(ceremonyTag).Digest(model).Digest(system).Text(r.BeaconRule)
	for _, phase := range r.Phases {
		out.U32(uint32(len(phase.Contributions)))
		for _, c := range phase.Contributions {
			out.Bytes(c.Identity).Digest(c.State).Bytes(c.Signature)
		}
		out.Bytes(phase.Beacon)
	}
	return out.Digest(key).Message()
}

// ContributionMessage is what a contributor to a ceremony signs: phase is 1 or 2, place counts from 1, and before and
// after are states. The first contribution of phase 1 follows 32 zero bytes, that of phase 2 what SealedState says.
func ContributionMessage(model, system [32]byte, beaconRule string, phase uint8, place uint32, before, after [32]byte) []byte {
	return canonical.NewWriter(ceremonyContributionTag).Digest(model).Digest(system).Text(beaconRule).
		U8(phase).U32(place).Digest(before).Digest(after).Message()
}

// SealedState is what follows a phase's last state and its beacon.
func SealedState(last [32]byte, beacon []byte) [32]byte {
	return canonical.NewWriter(ceremonySealedTag).Digest(last).Bytes(beacon).Sum()
}

// CheckIdentity refuses a key that is not in the one canonical encoding of a point, or has small order: Java's verifier refuses
// it, and a signature under a key of small order can be valid for messages that nobody signed.
func CheckIdentity(identity []byte) error {
	if len(identity) != ed25519.PublicKeySize {
		return fmt.Errorf("the identity has %d bytes, not %d", len(identity), ed25519.PublicKeySize)
	}
	bigEndian := bytes.Clone(identity)
	slices.Reverse(bigEndian)
	bigEndian[0] &= 0x7f
	y := new(big.Int).SetBytes(bigEndian)
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	if y.Cmp(p) >= 0 {
		return fmt.Errorf("the identity %x is not canonical", identity)
	}
	// The points whose order divides 8 have y = 1, -1, 0, or one of two square roots.
	ofOrder8, _ := new(big.Int).SetString("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16)
	for _, small := range []*big.Int{big.NewInt(0), big.NewInt(1), ofOrder8} {
		if y.Cmp(small) == 0 || new(big.Int).Add(y, small).Cmp(p) == 0 {
			return fmt.Errorf("the identity %x has small order", identity)
		}
	}
	return nil
}

// CheckBeacon refuses a beacon that is too short, too long, or all zero.
func CheckBeacon(beacon []byte) error {
	if len(beacon) < LeastBeaconBytes || len(beacon) > MostBeaconBytes {
		return fmt.Errorf("the beacon has %d bytes, not %d to %d", len(beacon), LeastBeaconBytes, MostBeaconBytes)
	}
	if strings.Trim(string(beacon), "\x00") == "" {
		return fmt.Errorf("the beacon is all zero")
	}
	return nil
}

// checkCeremony makes the checks of a ceremony's record (docs/formats.md): at least three contributions in each
// phase, each signed by another identity for its place after the state before it, a beacon for each phase by a
// rule that every contributor signed, and that the record is that of these keys. That the states follow from
// each other is for whoever pins the circuit id to compute from the contributions (package ceremony).
func checkCeremony(record []byte, verifying *verifyingFile) error {
	if digest := sha256.Sum256(record); "ceremony:"+hex.EncodeToString(digest[:]) != verifying.setup {
		return fmt.Errorf("its SHA-256 is %x, and the setup is %q", digest, verifying.setup)
	}
	in := canonical.NewReader(record, ceremonyTag)
	model, system := in.Digest("model digest"), in.Digest("constraint system digest")
	rule := string(in.Bytes("beacon rule", 1, MaxTextBytes))
	var beacons [2][]byte
	var previous [32]byte
	for phase := uint8(1); phase <= 2 && in.Err() == nil; phase++ {
		beacons[phase-1], previous = readPhase(in, phase, previous, func(place uint32, before, state [32]byte) []byte {
			return ContributionMessage(model, system, rule, phase, place, before, state)
		})
	}
	key := in.Digest("verifying key digest")
	if err := in.End(); err != nil {
		return err
	}
	switch {
	case bytes.Equal(beacons[0], beacons[1]):
		return fmt.Errorf("both phases have one beacon")
	case model != verifying.modelDigest:
		return fmt.Errorf("it is of the model %x, not %x", model, verifying.modelDigest)
	case system != verifying.constraintSystemDigest:
		return fmt.Errorf("it is of the constraint system %x, not %x", system, verifying.constraintSystemDigest)
	case key != sha256.Sum256(verifying.key):
		return fmt.Errorf("it is of the verifying key %x, not %x", key, sha256.Sum256(verifying.key))
	}
	return nil
}

// readPhase returns the beacon, and what the next phase's first contribution follows.
func readPhase(
	in *canonical.Reader, phase uint8, before [32]byte, signed func(uint32, [32]byte, [32]byte) []byte,
) ([]byte, [32]byte) {
	count := in.U32(fmt.Sprintf("phase %d: number of contributions", phase))
	if count < LeastContributions || count > MostContributions {
		in.Fail("phase %d has %d contributions, not %d to %d", phase, count, LeastContributions, MostContributions)
	}
	identities := map[string]bool{}
	states := map[[32]byte]bool{before: true}
	previous := before
	for place := uint32(1); place <= count && in.Err() == nil; place++ {
		which := fmt.Sprintf("phase %d: contribution %d", phase, place)
		identity := in.Bytes(which+": identity", ed25519.PublicKeySize, ed25519.PublicKeySize)
		state := in.Digest(which + ": state")
		signature := in.Bytes(which+": signature", ed25519.SignatureSize, ed25519.SignatureSize)
		switch {
		case in.Err() != nil:
		case identities[string(identity)]:
			in.Fail("%s is of %x, who contributed before", which, identity)
		case states[state]:
			in.Fail("%s changed nothing", which)
		case !ed25519.Verify(identity, signed(place, previous, state), signature):
			in.Fail("%s is not signed by %x for its place", which, identity)
		}
		identities[string(identity)], states[state] = true, true
		previous = state
	}
	beacon := in.Bytes(fmt.Sprintf("phase %d: beacon", phase), 0, MostBeaconBytes)
	if in.Err() == nil {
		if err := CheckBeacon(beacon); err != nil {
			in.Fail("phase %d: %v", phase, err)
		}
	}
	return beacon, SealedState(previous, beacon)
}
