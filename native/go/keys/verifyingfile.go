package keys

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"

	"plimsoll.io/circuits/canonical"
)

const verifyingKeyTag = "plimsoll/verifying-key/v1"

// ceremonySetup is the only other setup: anything else that is not "development" would pass for a ceremony.
var ceremonySetup = regexp.MustCompile(`\Aceremony:[0-9a-f]{64}\z`)

// verifyingFile is the content of verifying.key, whose points are not interpreted yet.
type verifyingFile struct {
	setup                  string
	modelDigest            [32]byte
	constraintSystemDigest [32]byte
	layout                 []byte
	key                    []byte
}

func (f *verifyingFile) encode() []byte {
	return canonical.NewWriter(verifyingKeyTag).Text(f.setup).Digest(f.modelDigest).
		Digest(f.constraintSystemDigest).Bytes(f.layout).Bytes(f.key).Message()
}

func decodeVerifyingFile(data []byte) (*verifyingFile, error) {
	rest := data
	next := func(name string, length int) []byte {
		if rest == nil || len(rest) < 4 {
			rest = nil
			return nil
		}
		size := binary.BigEndian.Uint32(rest)
		if uint64(size) > uint64(len(rest)-4) || length >= 0 && uint64(size) != uint64(length) {
			rest = nil
			return nil
		}
		field := rest[4 : 4+size]
		rest = rest[4+size:]
		return field
	}
	const anyLength = -1
	tag := next("tag", len(verifyingKeyTag))
	setup := next("setup", anyLength)
	model := next("model digest", 32)
	system := next("constraint system digest", 32)
	layout := next("layout", anyLength)
	key := next("verifying key", anyLength)
	switch {
	case string(tag) != verifyingKeyTag:
		return nil, fmt.Errorf("the first field is not %q", verifyingKeyTag)
	case rest == nil:
		return nil, errors.New("a field is truncated or has the wrong length")
	case len(rest) > 0:
		return nil, fmt.Errorf("%d bytes follow the last field", len(rest))
	case string(setup) != DevelopmentSetup && !ceremonySetup.Match(setup):
		return nil, fmt.Errorf("the setup is %.80q, not %q or \"ceremony:\" and 64 hexadecimal digits", setup, DevelopmentSetup)
	}
	f := &verifyingFile{setup: string(setup), layout: layout, key: key}
	copy(f.modelDigest[:], model)
	copy(f.constraintSystemDigest[:], system)
	return f, nil
}
