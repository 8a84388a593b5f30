"""The host's own gates, turned against it: the fetch that it does for a function, and the store it keeps. One
address may be fetched from, 127.0.0.2 at the world's port `web`; every name has that address when it is first looked
up, and the host's loopback the next time."""
import cell


def page(world, host, path="/"):
    return cell.fetch("http://%s:%d%s" % (host, world["web"], path))[2]


def fetches_from_a_number(world):
    return page(world, str(127 << 24 | 1))


def fetches_from_a_short_address(world):
    return page(world, "127.1")


def fetches_from_an_octal_address(world):
    return page(world, "0177.0.0.1")


def fetches_from_a_mapped_address(world):
    return page(world, "[::ffff:127.0.0.1]")


def fetches_from_the_unspecified_address(world):
    return page(world, "0.0.0.0")


def fetches_from_another_address_of_the_loopback(world):
    return page(world, "127.7.7.7")


def fetches_from_the_hosts_own_address(world):
    if "address" not in world:
        raise Absent("a network")
    return page(world, world["address"])


def is_redirected_to_the_loopback(world):
    return page(world, "127.0.0.2", "/to-the-loopback")


def is_redirected_twice_to_the_loopback(world):
    return page(world, "127.0.0.2", "/on")


def fetches_from_a_name_that_answers_differently_next_time(world):
    """DNS rebinding: what was judged is not what is connected to."""
    return page(world, "rebinding.test")


def is_redirected_to_the_same_name_again(world):
    """DNS rebinding between a page and the next."""
    return page(world, "rebinding.test", "/again")


def fetches_a_file(world):
    return cell.fetch("file://" + world["secret"])[2]


def puts_an_entry_above_its_store(world):
    cell.store.put("../outside/made", b"here")


def puts_an_entry_at_a_path(world):
    cell.store.put(world["directory"] + "/made", b"here")


def gets_an_entry_above_its_store(world):
    return cell.store.get("../outside/secret")


def gets_an_entry_at_a_path(world):
    return cell.store.get(world["secret"])


def deletes_an_entry_above_its_store(world):
    cell.store.delete("../outside/moved")
