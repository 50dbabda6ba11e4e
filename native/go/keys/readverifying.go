package keys

import (
	"encoding/binary"

	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

// ReadVerifyingKey reads a verifying.key file on its own and makes every check of key loading of its points. It does not
// compare it with a model or a circuit id: for what only measures or compares arithmetic.
//
// It returns a *RejectedError.
func ReadVerifyingKey(file []byte) (*groth16.VerifyingKey, error) {
	parsed, err := decodeVerifyingFile(file)
	if err != nil {
		return nil, rejected("%s: %v", VerifyingKeyFile, err)
	}
	const head = g1Bytes + 3*g2Bytes + 4
	if len(parsed.key) < head {
		return nil, rejected("%s: the verifying key has %d bytes; its fixed part alone has %d",
			VerifyingKeyFile, len(parsed.key), head)
	}
	count := binary.BigEndian.Uint32(parsed.key[head-4:])
	vk, err := decodeVerifyingKey(parsed.key, int(count))
	if err != nil {
		return nil, rejected("%s: %v", VerifyingKeyFile, err)
	}
	return vk, nil
}
