package io.plimsoll.attester;

import io.plimsoll.verifier.Ed25519PublicKey;

/**
 * A venue that an attester serves.
 *
 * @param name as attestations name it
 * @param key the venue's own, pinned: releases and orders count by no other
 * @param port how to reach it
 * @param schedule when to attest for it
 */
public record VenueLink(String name, Ed25519PublicKey key, VenuePort port, Schedule schedule) {}
