package canonical

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
)

// The tests of this file write the messages of docs/formats.md from their fields, independently of the Java code that wrote
// docs/vectors/context.json, and must arrive at the same bytes.

type (
	octets []byte // hex in the file
	number int64  // decimal text in the file
)

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

func (n *number) UnmarshalText(text []byte) error {
	v, err := strconv.ParseInt(string(text), 10, 64)
	*n = number(v)
	return err
}

func (o octets) digest(t *testing.T) (d [32]byte) {
	t.Helper()
	if copy(d[:], o) != len(o) || len(o) != 32 {
		t.Fatalf("%x is no digest", []byte(o))
	}
	return d
}

type circuitVector struct {
	ModelDigest            octets `json:"model_digest"`
	LayoutDigest           octets `json:"layout_digest"`
	ConstraintSystemDigest octets `json:"constraint_system_digest"`
	VerifyingKeyDigest     octets `json:"verifying_key_digest"`
	Setup                  string `json:"setup"`
	CircuitID              octets `json:"circuit_id"`
}

type listingVector struct {
	Axes []struct {
		Name   string   `json:"name"`
		Labels []string `json:"labels"`
	} `json:"axes"`
	ListingDigest octets `json:"listing_digest"`
}

type roundVector struct {
	Venue           string   `json:"venue"`
	CircuitID       octets   `json:"circuit_id"`
	ListingDigest   octets   `json:"listing_digest"`
	Sequence        number   `json:"sequence"`
	AsOf            number   `json:"as_of_millis"`
	Coefficients    []number `json:"coefficients"`
	Bytes           octets   `json:"bytes"`
	RoundDigest     octets   `json:"round_digest"`
	SignedBytes     octets   `json:"signed_bytes"`
	PublisherSecret octets   `json:"publisher_secret"`
	Signature       octets   `json:"signature"`
}

type attestationVector struct {
	Venue         string `json:"venue"`
	Account       string `json:"account"`
	CircuitID     octets `json:"circuit_id"`
	ListingDigest octets `json:"listing_digest"`
	AttesterKey   octets `json:"attester_key"`
	Scope         []struct {
		From number `json:"from"`
		To   number `json:"to"`
	} `json:"scope"`
	Version           number `json:"version"`
	AsOf              number `json:"as_of_millis"`
	NotAfter          number `json:"not_after_millis"`
	PreviousDigest    octets `json:"previous_digest"`
	Closing           number `json:"closing"`
	Commitment        octets `json:"commitment"`
	SealedOpening     octets `json:"sealed_opening"`
	AttesterSecret    octets `json:"attester_secret"`
	Bytes             octets `json:"bytes"`
	Signature         octets `json:"signature"`
	AttestationDigest octets `json:"attestation_digest"`
}

type attestationSetVector struct {
	Members []struct {
		AttesterKey       octets `json:"attester_key"`
		AttestationDigest octets `json:"attestation_digest"`
	} `json:"members_in_any_order"`
	AttestationSetDigest octets `json:"attestation_set_digest"`
}

type contextVector struct {
	CircuitID            octets `json:"circuit_id"`
	Venue                string `json:"venue"`
	Account              string `json:"account"`
	AccountVersion       number `json:"account_version"`
	RosterVersion        number `json:"roster_version"`
	AttestationSetDigest octets `json:"attestation_set_digest"`
	RoundDigest          octets `json:"round_digest"`
	RoundSequence        number `json:"round_sequence"`
	Numerator            number `json:"numerator"`
	Denominator          number `json:"denominator"`
	Purpose              number `json:"purpose"`
	Digest               octets `json:"digest"`
	Context              octets `json:"context"`
}

type vectors struct {
	CircuitID      []circuitVector        `json:"circuit_id"`
	ListingDigest  []listingVector        `json:"listing_digest"`
	Round          []roundVector          `json:"round"`
	Attestation    []attestationVector    `json:"attestation"`
	AttestationSet []attestationSetVector `json:"attestation_set"`
	Context        []contextVector        `json:"context"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("../../../docs/vectors/context.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // a field that is not compared here would be pinned by nobody
	var v vectors
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if len(v.CircuitID) < 2 || len(v.ListingDigest) < 2 || len(v.Round) < 2 || len(v.Attestation) < 2 || len(v.AttestationSet) < 2 || len(v.Context) < 3 {
		t.Fatal("the vector file lacks vectors of some kind")
	}
	return v
}

func same(t *testing.T, kind string, index int, what string, got []byte, want octets) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s %d: %s is %x, the file says %x", kind, index, what, got, []byte(want))
	}
}

func TestCircuitIDsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).CircuitID {
		id := CircuitID(v.ModelDigest.digest(t), v.LayoutDigest.digest(t), v.ConstraintSystemDigest.digest(t), v.VerifyingKeyDigest.digest(t), v.Setup)
		same(t, "circuit", i, "id", id[:], v.CircuitID)
	}
}

func TestListingDigestsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).ListingDigest {
		w := NewWriter("plimsoll/listing/v1").U32(uint32(len(v.Axes)))
		for _, axis := range v.Axes {
			w.Text(axis.Name).U32(uint32(len(axis.Labels)))
			for _, label := range axis.Labels {
				w.Text(label)
			}
		}
		digest := w.Sum()
		same(t, "listing", i, "digest", digest[:], v.ListingDigest)
	}
}

func TestRoundsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).Round {
		var coefficients []byte
		for _, c := range v.Coefficients {
			coefficients = binary.BigEndian.AppendUint64(coefficients, uint64(c))
		}
		w := NewWriter("plimsoll/round/v1").Text(v.Venue).Bytes(v.CircuitID).Bytes(v.ListingDigest).I64(int64(v.Sequence)).
			I64(int64(v.AsOf)).U32(uint32(len(v.Coefficients))).Bytes(coefficients)
		digest := w.Sum()
		signed := NewWriter("plimsoll/round-signature/v1").Digest(digest).Message()
		same(t, "round", i, "bytes", w.Message(), v.Bytes)
		same(t, "round", i, "digest", digest[:], v.RoundDigest)
		same(t, "round", i, "signed bytes", signed, v.SignedBytes)
		same(t, "round", i, "signature", ed25519.Sign(ed25519.NewKeyFromSeed(v.PublisherSecret), signed), v.Signature)
	}
}

func TestAttestationsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).Attestation {
		private := ed25519.NewKeyFromSeed(v.AttesterSecret)
		w := NewWriter("plimsoll/attestation/v1").Text(v.Venue).Text(v.Account).Bytes(v.CircuitID).Bytes(v.ListingDigest).
			Bytes(private[32:]).U32(uint32(len(v.Scope)))
		for _, columns := range v.Scope {
			w.U32(uint32(columns.From)).U32(uint32(columns.To))
		}
		w.I64(int64(v.Version)).I64(int64(v.AsOf)).I64(int64(v.NotAfter)).Bytes(v.PreviousDigest).Bytes([]byte{byte(v.Closing)}).
			Bytes(v.Commitment).Bytes(v.SealedOpening).Bytes(nil)
		signature := ed25519.Sign(private, w.Message())
		digest := NewWriter("plimsoll/attestation-digest/v1").Bytes(w.Message()).Bytes(signature).Sum()
		same(t, "attestation", i, "key", private[32:], v.AttesterKey)
		same(t, "attestation", i, "bytes", w.Message(), v.Bytes)
		same(t, "attestation", i, "signature", signature, v.Signature)
		same(t, "attestation", i, "digest", digest[:], v.AttestationDigest)
	}
}

func TestAttestationSetsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).AttestationSet {
		w := NewWriter("plimsoll/attestation-set/v1").U32(uint32(len(v.Members)))
		slices.SortFunc(v.Members, func(a, b struct {
			AttesterKey       octets `json:"attester_key"`
			AttestationDigest octets `json:"attestation_digest"`
		}) int {
			return bytes.Compare(a.AttesterKey, b.AttesterKey)
		})
		for _, member := range v.Members {
			w.Bytes(member.AttesterKey).Bytes(member.AttestationDigest)
		}
		digest := w.Sum()
		same(t, "attestation set", i, "digest", digest[:], v.AttestationSetDigest)
	}
}

// message of a context.
func (v contextVector) message() []byte {
	return NewWriter("plimsoll/context/v1").Bytes(v.CircuitID).Text(v.Venue).Text(v.Account).I64(int64(v.AccountVersion)).
		I64(int64(v.RosterVersion)).Bytes(v.AttestationSetDigest).Bytes(v.RoundDigest).I64(int64(v.RoundSequence)).
		I64(int64(v.Numerator)).I64(int64(v.Denominator)).Bytes([]byte{byte(v.Purpose)}).Message()
}

func TestContextsAreThoseOfTheVectorFile(t *testing.T) {
	for i, v := range readVectors(t).Context {
		digest := sha256.Sum256(v.message())
		same(t, "context", i, "digest", digest[:], v.Digest)
		same(t, "context", i, "element", digest[:16], v.Context)
	}
}

func TestEveryFieldOfTheContextChangesItAndNoBoundaryConfuses(t *testing.T) {
	first := readVectors(t).Context[1]
	seen := map[string]string{string(first.message()): "the first"}
	for name, change := range map[string]func(v *contextVector){
		"circuit":         func(v *contextVector) { v.CircuitID = v.RoundDigest },
		"venue":           func(v *contextVector) { v.Venue += "x" },
		"account":         func(v *contextVector) { v.Account += "x" },
		"boundary":        func(v *contextVector) { v.Venue, v.Account = v.Venue+v.Account[:1], v.Account[1:] },
		"exchanged texts": func(v *contextVector) { v.Venue, v.Account = v.Account, v.Venue },
		"account version": func(v *contextVector) { v.AccountVersion-- },
		"roster version":  func(v *contextVector) { v.RosterVersion++ },
		"attestations":    func(v *contextVector) { v.AttestationSetDigest = v.RoundDigest },
		"round":           func(v *contextVector) { v.RoundDigest = v.AttestationSetDigest },
		"sequence":        func(v *contextVector) { v.RoundSequence-- },
		"N":               func(v *contextVector) { v.Numerator++ },
		"D":               func(v *contextVector) { v.Denominator++ },
		"N and D":         func(v *contextVector) { v.Numerator, v.Denominator = v.Denominator, v.Numerator },
		"purpose":         func(v *contextVector) { v.Purpose = 3 },
	} {
		v := first
		change(&v)
		message := string(v.message())
		if other, ok := seen[message]; ok {
			t.Errorf("%s gives the message of %s", name, other)
		}
		seen[message] = name
	}
}

func TestModelDigestIsThatOfTheTaggedBytes(t *testing.T) {
	message := append([]byte("\x00\x00\x00\x11plimsoll/model/v1\x00\x00\x00\x03"), 1, 2, 3)
	if got, want := ModelDigest([]byte{1, 2, 3}), sha256.Sum256(message); got != want {
		t.Errorf("%x, want %x", got, want)
	}
}
