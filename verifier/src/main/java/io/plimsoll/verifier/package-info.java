/** The venue's side: statements, their verification, and what may be concluded from them. */
package io.plimsoll.verifier;
