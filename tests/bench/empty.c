/* Does nothing, linked with what tokenvault is linked with: what a start costs at least. */
int main(void)
{
	return 0;
}
