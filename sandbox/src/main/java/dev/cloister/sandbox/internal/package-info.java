/** What the packages of this module share and no user sees. Depends on nothing. */
package dev.cloister.sandbox.internal;
