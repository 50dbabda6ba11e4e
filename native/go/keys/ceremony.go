package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"plimsoll.io/circuits/canonical"
)

// CeremonyFile is the record of the ceremony that keys come from; development keys have none.
const CeremonyFile = "ceremony.record"

const (
	ceremonyTag             = "plimsoll/ceremony/v1"
	ceremonyContributionTag = "plimsoll/ceremony-contribution/v1"
	ceremonySealedTag       = "plimsoll/ceremony-sealed/v1"
	leastContributions      = 3
	mostContributions       = 1024
	leastBeaconBytes        = 16
	mostBeaconBytes         = 1024
	maxCeremonyBytes        = 1 << 19
	maxTextBytes            = 256
)

// checkCeremony makes the checks of a ceremony's record (docs/formats.md): at least three contributions in each
// phase, each signed by another identity for its place after the state before it, a beacon for each phase by a
// rule that every contributor signed, and that the record is that of these keys. That the states follow from
// each other is for whoever pins the circuit id to compute from the contributions.
func checkCeremony(record []byte, verifying *verifyingFile) error {
	if digest := sha256.Sum256(record); "ceremony:"+hex.EncodeToString(digest[:]) != verifying.setup {
		return fmt.Errorf("its SHA-256 is %x, and the setup is %q", digest, verifying.setup)
	}
	in := &ceremonyReader{rest: record}
	in.tag(ceremonyTag)
	model, system := in.digest("model digest"), in.digest("constraint system digest")
	rule := in.next("beacon rule", 1, maxTextBytes)
	var beacons [2][]byte
	var previous [32]byte
	for phase := 1; phase <= 2 && in.err == nil; phase++ {
		beacons[phase-1], previous = in.phase(phase, previous, func(place uint32, before, state [32]byte) []byte {
			return canonical.NewWriter(ceremonyContributionTag).Digest(model).Digest(system).Bytes(rule).
				Bytes([]byte{byte(phase)}).U32(place).Digest(before).Digest(state).Message()
		})
	}
	key := in.digest("verifying key digest")
	switch {
	case in.err != nil:
		return in.err
	case len(in.rest) > 0:
		return fmt.Errorf("%d bytes follow the last field", len(in.rest))
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

// ceremonyReader reads fields until the first that is not as it must be.
type ceremonyReader struct {
	rest []byte
	err  error
}

func (in *ceremonyReader) fail(format string, args ...any) {
	if in.err == nil {
		in.err = fmt.Errorf(format, args...)
	}
}

func (in *ceremonyReader) next(field string, least, most int) []byte {
	if in.err != nil {
		return nil
	}
	if len(in.rest) < 4 {
		in.fail("it ends before %s", field)
		return nil
	}
	length := uint64(binary.BigEndian.Uint32(in.rest))
	if length < uint64(least) || length > uint64(most) {
		in.fail("%s has %d bytes, not %d to %d", field, length, least, most)
		return nil
	}
	if length > uint64(len(in.rest)-4) {
		in.fail("it ends inside %s", field)
		return nil
	}
	value := in.rest[4 : 4+length]
	in.rest = in.rest[4+length:]
	return value
}

func (in *ceremonyReader) tag(want string) {
	if got := in.next("tag", 0, maxTextBytes); in.err == nil && string(got) != want {
		in.fail("the tag is %.80q, not %q", got, want)
	}
}

func (in *ceremonyReader) digest(field string) (digest [32]byte) {
	copy(digest[:], in.next(field, 32, 32))
	return digest
}

// phase returns the beacon, and what the next phase's first contribution follows.
func (in *ceremonyReader) phase(phase int, before [32]byte, signed func(uint32, [32]byte, [32]byte) []byte) ([]byte, [32]byte) {
	var count uint32
	if field := in.next(fmt.Sprintf("phase %d: number of contributions", phase), 4, 4); field != nil {
		count = binary.BigEndian.Uint32(field)
	}
	if in.err == nil && (count < leastContributions || count > mostContributions) {
		in.fail("phase %d has %d contributions, not %d to %d", phase, count, leastContributions, mostContributions)
	}
	identities := map[string]bool{}
	states := map[[32]byte]bool{before: true}
	previous := before
	for place := uint32(1); place <= count && in.err == nil; place++ {
		which := fmt.Sprintf("phase %d: contribution %d", phase, place)
		identity := in.next(which+": identity", ed25519.PublicKeySize, ed25519.PublicKeySize)
		state := in.digest(which + ": state")
		signature := in.next(which+": signature", ed25519.SignatureSize, ed25519.SignatureSize)
		switch {
		case in.err != nil:
		case identities[string(identity)]:
			in.fail("%s is of %x, who contributed before", which, identity)
		case states[state]:
			in.fail("%s changed nothing", which)
		case !ed25519.Verify(identity, signed(place, previous, state), signature):
			in.fail("%s is not signed by %x for its place", which, identity)
		}
		identities[string(identity)], states[state] = true, true
		previous = state
	}
	beacon := in.next(fmt.Sprintf("phase %d: beacon", phase), leastBeaconBytes, mostBeaconBytes)
	if in.err == nil && strings.Trim(string(beacon), "\x00") == "" {
		in.fail("phase %d: the beacon is all zero", phase)
	}
	return beacon, canonical.NewWriter(ceremonySealedTag).Digest(previous).Bytes(beacon).Sum()
}
