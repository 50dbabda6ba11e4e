/**
 * The attester's service: reads a custodian's books, attests what they say for venues, holds what
 * was attested, pays out after a venue's release, and executes liquidation orders.
 *
 * <p>What may be attested and what may leave is decided by {@code LockLedger}, which is pure;
 * everything that was decided is on the disk before it is acted on. {@code docs/attester.md} says
 * what the rules are and why. Holdings are owners' secrets: they are encrypted on the disk and
 * appear in no error, log or {@code toString}.
 */
package io.plimsoll.attester;
