package main

/*
#include <stdint.h>
*/
import "C"

import (
	"runtime/debug"

	"plimsoll.io/native/ceremony"
	"plimsoll.io/native/internal/abi"
)

// pendings are contributions that wait for their signature.
var pendings abi.Handles[*ceremony.Pending]

// answer is a caller's buffer for a message whose length is not known before.
func answer(name string, out *byte, outLength C.int64_t, written *C.int64_t, most int64) (func([]byte) error, error) {
	if err := output("written", written); err != nil {
		return nil, err
	}
	buffer, err := view(name, out, outLength, 0, most)
	if err != nil {
		return nil, err
	}
	return func(message []byte) error {
		if len(message) > len(buffer) {
			return abi.Invalid("%s: length %d is less than %d", name, len(buffer), len(message))
		}
		copy(buffer, message)
		*written = C.int64_t(len(message))
		return nil
	}, nil
}

// report makes a step on a ceremony's directory and writes a CeremonyReport message of it.
func report(
	directory *byte, directoryLength C.int64_t, out *byte, outLength C.int64_t, written *C.int64_t,
	step func(directory string) (*ceremony.Transcript, error),
) error {
	write, err := answer("report", out, outLength, written, abi.MaxCeremonyReportBytes)
	if err != nil {
		return err
	}
	root, err := path("directory", directory, directoryLength)
	if err != nil {
		return err
	}
	// What a ceremony takes is many times what proving takes.
	defer debug.FreeOSMemory()
	transcript, err := step(root)
	if err != nil {
		return err
	}
	return write(transcript.Report())
}

// plimsoll_ceremony_begin starts the setup ceremony of a model in a directory. The report's buffer should have
// abi.MaxCeremonyReportBytes.
//
//export plimsoll_ceremony_begin
func plimsoll_ceremony_begin(
	modelBytes *byte, modelLength C.int64_t, rule *byte, ruleLength C.int64_t, directory *byte, directoryLength C.int64_t,
	out *byte, outLength C.int64_t, written *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		data, err := model(modelBytes, modelLength)
		if err != nil {
			return err
		}
		beaconRule, err := view("beacon rule", rule, ruleLength, 0, abi.MaxRuleBytes)
		if err != nil {
			return err
		}
		return report(directory, directoryLength, out, outLength, written, func(root string) (*ceremony.Transcript, error) {
			return ceremony.Begin(root, data, string(beaconRule))
		})
	})
}

// plimsoll_ceremony_verify checks everything in a ceremony's directory again, the keys of one that has ended as well.
//
//export plimsoll_ceremony_verify
func plimsoll_ceremony_verify(
	directory *byte, directoryLength C.int64_t,
	out *byte, outLength C.int64_t, written *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		return report(directory, directoryLength, out, outLength, written, ceremony.Verify)
	})
}

// plimsoll_ceremony_seal ends the open phase with a beacon; after phase 2 it writes the keys.
//
//export plimsoll_ceremony_seal
func plimsoll_ceremony_seal(
	directory *byte, directoryLength C.int64_t, beacon *byte, beaconLength C.int64_t,
	out *byte, outLength C.int64_t, written *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		value, err := view("beacon", beacon, beaconLength, 0, abi.MaxBeaconBytes)
		if err != nil {
			return err
		}
		return report(directory, directoryLength, out, outLength, written, func(root string) (*ceremony.Transcript, error) {
			return ceremony.Seal(root, value)
		})
	})
}

// plimsoll_ceremony_contribute checks a ceremony's directory and makes a contribution to it in memory, for an Ed25519 public key. It
// writes what has to be signed and issues a handle for plimsoll_ceremony_append.
//
//export plimsoll_ceremony_contribute
func plimsoll_ceremony_contribute(
	directory *byte, directoryLength C.int64_t, identity *byte, identityLength C.int64_t,
	out *byte, outLength C.int64_t, written *C.int64_t, handle *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		write, err := answer("message", out, outLength, written, abi.MaxContributionMessageBytes)
		if err != nil {
			return err
		}
		root, err := path("directory", directory, directoryLength)
		if err != nil {
			return err
		}
		key, err := view("identity", identity, identityLength, abi.DigestBytes, abi.DigestBytes)
		if err != nil {
			return err
		}
		transcript, err := ceremony.Open(root)
		if err != nil {
			return err
		}
		pending, err := transcript.Contribute(key)
		if err != nil {
			return err
		}
		if err := write(pending.Message()); err != nil {
			return err
		}
		*handle = C.int64_t(pendings.Add(pending))
		return nil
	})
}

// plimsoll_ceremony_append writes a contribution with its signature and writes a report of the ceremony with it.
//
//export plimsoll_ceremony_append
func plimsoll_ceremony_append(
	handle C.int64_t, signature *byte, signatureLength C.int64_t,
	out *byte, outLength C.int64_t, written *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		write, err := answer("report", out, outLength, written, abi.MaxCeremonyReportBytes)
		if err != nil {
			return err
		}
		signed, err := view("signature", signature, signatureLength, abi.SignatureBytes, abi.SignatureBytes)
		if err != nil {
			return err
		}
		return pendings.Use(int64(handle), func(pending *ceremony.Pending) error {
			transcript, err := pending.Append(signed)
			if err != nil {
				return err
			}
			return write(transcript.Report())
		})
	})
}

// plimsoll_ceremony_discard forgets a contribution, written or not.
//
//export plimsoll_ceremony_discard
func plimsoll_ceremony_discard(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return pendings.Close(int64(handle))
	})
}
