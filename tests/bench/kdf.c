/* A bare Argon2id as an unlock has it: kdf PASSES MIB. */
#include <sodium.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = {1};
	static const char passphrase[] = "correct horse battery staple";
	unsigned char key[32];

	if (argc != 3 || sodium_init() < 0)
		return 2;
	return crypto_pwhash(key, sizeof key, passphrase, sizeof passphrase - 1, salt,
			     strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10) << 20,
			     crypto_pwhash_ALG_ARGON2ID13);
}
