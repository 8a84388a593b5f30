/** What several packages of this module do alike, and nobody else is to know. */
package dev.cloister.tor.internal;
